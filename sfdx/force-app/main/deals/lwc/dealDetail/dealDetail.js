import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import show from '@salesforce/apex/DealController.show';
import showRequest from '@salesforce/apex/RequestController.show';
import submit from '@salesforce/apex/DealController.submit';
import withdraw from '@salesforce/apex/DealController.withdraw';
import { labelOf, labels } from 'c/dealLabels';
import { country, day, daysUntil, format, money } from 'c/tandemFormat';
import { sitePage, tab } from 'c/tandemPages';

const FIELDS = [
    'customer_name', 'customer_country', 'customer_city', 'customer_postal_code', 'customer_website', 'contact',
    'contact_email', 'contact_phone', 'product_family', 'amount', 'close_date', 'description',
];
const DECISIONS = new Set(['approve', 'reject', 'request_info']);

/**
 * One registration: where it stands, whose turn it is, what it overlaps with, and its timeline.
 *
 * A partner's person answers, submits and withdraws here; the company's people decide. The deal's request
 * carries its route: questions, answers and decisions go there. dealId comes from the address (`dealId`, or
 * `c__dealId` in the company's app).
 */
export default class DealDetail extends NavigationMixin(LightningElement) {
    @api company = false;
    @api registerPage = 'Register_Deal__c';
    @api dealsPage = 'Deals__c';
    labels = labels;
    deal;
    request;
    error;
    actionError;
    busy = false;
    withdrawing = false;

    @wire(CurrentPageReference)
    opened(reference) {
        const dealId = reference?.state?.dealId ?? reference?.state?.c__dealId;
        if (!dealId || dealId === this.dealId) return;
        this.dealId = dealId;
        this.deal = undefined;
        this.load();
    }
    dealId;

    get loading() {
        return !this.deal && !this.error;
    }
    get missing() {
        return !this.dealId;
    }
    get fields() {
        const { deal } = this;
        const shown = {
            ...deal,
            customer_country: country(deal.customer_country),
            contact: [deal.contact_first_name, deal.contact_last_name].filter(Boolean).join(' '),
            amount: money(deal.amount, deal.currency),
            close_date: day(deal.close_date),
        };
        return FIELDS.map((name) => ({ name, label: labelOf('deal', name), value: shown[name] || '–' }));
    }
    get title() {
        return format(labels.dealTitle, this.deal.number, this.deal.customer_name || labels.dealUnnamed);
    }
    get whose() {
        return this.company ? this.deal.partner_name : '';
    }
    get until() {
        const { protected_until: until, state } = this.deal;
        if (!until || !['approved', 'won'].includes(state)) return '';
        const days = daysUntil(until);
        return format(labels.protectedFor, day(until), Math.max(0, days));
    }
    get next() {
        const { state } = this.deal;
        return labelOf('next', state) ?? '';
    }
    get holder() {
        return this.deal.held_by || this.deal.holder;
    }
    get since() {
        return this.deal.held_since ?? this.deal.state_since;
    }
    get authorization() {
        const { authorization_number: number } = this.deal;
        return number ? format(labels.authorization, number) : '';
    }
    get hasRoute() {
        return this.deal.route.length > 0;
    }
    get decided() {
        return this.deal.state === 'rejected' ? this.deal.decision_reason : '';
    }
    get may() {
        return Object.fromEntries(this.deal.actions.map((action) => [action, true]));
    }
    get decides() {
        return this.company && this.request?.decide.length > 0;
    }
    get conflicts() {
        return this.deal.conflicts.map((one, key) => ({ ...one, key }));
    }
    get overlaps() {
        return this.deal.conflicts.length > 0;
    }

    async load() {
        this.error = undefined;
        try {
            await this.fetch();
        } catch (error) {
            this.deal = undefined;
            this.error = error;
        }
    }

    async fetch() {
        const deal = await show({ dealId: this.dealId });
        const asked = this.company && deal.request_id && deal.actions.some((action) => DECISIONS.has(action));
        this.request = asked ? await showRequest({ requestId: deal.request_id }) : undefined;
        this.deal = deal;
    }

    handIn() {
        return this.act(() => submit({ dealId: this.dealId }), format(labels.dealSubmitted, this.deal.number));
    }

    askWithdraw() {
        this.withdrawing = !this.withdrawing;
    }

    async withdrawNow(event) {
        const { reason } = event.detail;
        await this.act(() => withdraw({ dealId: this.dealId, reason }), format(labels.dealWithdrawn, this.deal.number));
        if (!this.actionError) this.withdrawing = false;
    }

    goOn() {
        this[NavigationMixin.Navigate](sitePage(this.registerPage, { dealId: this.dealId }));
    }

    back() {
        this[NavigationMixin.Navigate](this.company ? tab('Tandem_Deals') : sitePage(this.dealsPage));
    }

    async act(call, told) {
        this.busy = true;
        this.actionError = undefined;
        try {
            await call();
            await this.fetch();
            this.dispatchEvent(new ShowToastEvent({ title: told, variant: 'success' }));
        } catch (error) {
            this.actionError = error;
        } finally {
            this.busy = false;
        }
    }
}
