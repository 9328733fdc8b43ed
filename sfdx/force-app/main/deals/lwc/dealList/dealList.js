import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import exportCsv from '@salesforce/apex/DealController.exportCsv';
import search from '@salesforce/apex/DealController.search';
import { labelOf, labels } from 'c/dealLabels';
import { byState } from 'c/tandemFilters';
import { day, money } from 'c/tandemFormat';
import { dealTab, sitePage } from 'c/tandemPages';

const STATES = ['draft', 'submitted', 'info_needed', 'approved', 'rejected', 'withdrawn', 'expired', 'won', 'lost'];

/**
 * Registrations, searched, filtered, ordered and paged by the server.
 *
 * dealPage: where one is shown, and registerPage: where one is begun (API names of pages); company: for the
 * manufacturer's people, who also see whose each one is. An address with `c__state` begins with that state.
 */
export default class DealList extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    @api registerPage = 'Register_Deal__c';
    @api company = false;
    @api pageSize = 20;
    opening;
    labels = labels;
    filters = [byState(STATES.map((value) => ({ value, label: labelOf('state', value) })))];
    source = { search, exportCsv, row: (deal) => this.row(deal) };

    @wire(CurrentPageReference)
    opened(reference) {
        const state = reference?.state?.c__state;
        this.opening = STATES.includes(state) ? { state } : undefined;
    }

    get listName() {
        return this.company ? 'all-deals' : 'deals';
    }
    get heading() {
        return this.company ? labels.dealsAll : labels.deals;
    }
    get canStart() {
        return this.company ? undefined : labels.dealRegister;
    }
    get columns() {
        return [
            { key: 'number', label: labels.dealNumber },
            this.company && { key: 'partner', label: labels.partner },
            { key: 'customer', label: labels.deal_customer_name, sort: 'customer' },
            { key: 'state', label: labels.state, sort: 'changed' },
            { key: 'amount', label: labels.deal_amount, sort: 'amount', amount: true },
            { key: 'close', label: labels.deal_close_date, sort: 'close' },
            { key: 'until', label: labels.protectedUntil, sort: 'protected' },
        ].filter(Boolean);
    }

    async row(deal) {
        return {
            id: deal.id,
            name: deal.number,
            url: await this[NavigationMixin.GenerateUrl](this.pageOf(deal.id)),
            cells: {
                number: { text: deal.number, link: true },
                partner: deal.partner_name,
                customer: deal.customer_name,
                state: { text: deal.state_words, state: deal.state, warning: deal.overlaps && labels.overlaps },
                amount: money(deal.amount, deal.currency),
                close: day(deal.close_date),
                until: day(deal.protected_until),
            },
        };
    }

    pageOf(dealId) {
        return this.company ? dealTab(dealId) : sitePage(this.dealPage, { dealId });
    }

    open(event) {
        this[NavigationMixin.Navigate](this.pageOf(event.detail.id));
    }

    start() {
        this[NavigationMixin.Navigate](sitePage(this.registerPage));
    }
}
