import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import opportunities from '@salesforce/apex/DealController.opportunities';
import { labelOf, labels } from 'c/dealLabels';
import { byState } from 'c/tandemFilters';
import { day, money } from 'c/tandemFormat';
import { sitePage } from 'c/tandemPages';

const STATES = ['open', 'won', 'lost'];

/** The opportunities that are the own company's: those of its registrations lead there; a new one begins as a deal. */
export default class OpportunityList extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    @api registerPage = 'Register_Deal__c';
    @api pageSize = 20;
    labels = labels;
    filters = [byState(STATES.map((value) => ({ value, label: labelOf('opportunity', value) })))];
    source = { search: opportunities, row: (one) => this.row(one) };
    deals = {};

    get columns() {
        return [
            { key: 'name', label: labels.opportunityName, sort: 'name' },
            { key: 'stage', label: labels.opportunityStage },
            { key: 'state', label: labels.state },
            { key: 'amount', label: labels.deal_amount, sort: 'amount', amount: true },
            { key: 'close', label: labels.deal_close_date, sort: 'close' },
            { key: 'number', label: labels.dealNumber },
            { key: 'until', label: labels.protectedUntil },
        ];
    }

    async row(one) {
        this.deals[one.id] = one.deal_id;
        return {
            id: one.id,
            name: one.name,
            url: one.deal_id && (await this[NavigationMixin.GenerateUrl](sitePage(this.dealPage, { dealId: one.deal_id }))),
            cells: {
                // What the company assigned has no page of its own here: everything known of it is in the row.
                name: { text: one.name, link: Boolean(one.deal_id) },
                stage: one.stage,
                state: labelOf('opportunity', one.state),
                amount: money(one.amount, one.currency),
                close: day(one.close_date),
                number: one.registration_number,
                until: day(one.protected_until),
            },
        };
    }

    open(event) {
        this[NavigationMixin.Navigate](sitePage(this.dealPage, { dealId: this.deals[event.detail.id] }));
    }

    start() {
        this[NavigationMixin.Navigate](sitePage(this.registerPage));
    }
}
