import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import answer from '@salesforce/apex/DealController.answer';
import show from '@salesforce/apex/DealController.show';
import submit from '@salesforce/apex/DealController.submit';
import withdraw from '@salesforce/apex/DealController.withdraw';
import { day, daysUntil, format, money } from 'c/tandemFormat';
import { forget, keep, kept } from 'c/tandemDraft';
import { labelOf, labels } from 'c/tandemLabels';

const FIELDS = [
    'customer_name', 'customer_country', 'customer_city', 'customer_postal_code', 'customer_website', 'contact',
    'contact_email', 'contact_phone', 'product_family', 'amount', 'close_date', 'description',
];

/**
 * One registration: where it stands, whose turn it is, what it overlaps with, and its timeline.
 *
 * A partner's person answers, submits and withdraws here; the company's people decide. dealId comes from the
 * address (`dealId`, or `c__dealId` in the company's app) where it is not given.
 */
export default class DealDetail extends NavigationMixin(LightningElement) {
    @api company = false;
    @api registerPage = 'Register_Deal__c';
    @api dealsPage = 'Deals__c';
    labels = labels;
    deal;
    error;
    actionError;
    busy = false;
    reply = '';
    withdrawing = false;
    reason = '';

    @wire(CurrentPageReference)
    opened(reference) {
        const dealId = reference?.state?.dealId ?? reference?.state?.c__dealId;
        if (!dealId || dealId === this.dealId) return;
        this.dealId = dealId;
        this.deal = undefined;
        this.reply = kept(this.replyName)?.values ?? '';
        this.load();
    }
    dealId;

    get replyName() {
        return `deal-answer:${this.dealId}`;
    }
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
            contact: [deal.contact_first_name, deal.contact_last_name].filter(Boolean).join(' '),
            amount: money(deal.amount, deal.currency),
            close_date: day(deal.close_date),
        };
        return FIELDS.map((name) => ({ name, label: labelOf('deal', name), value: shown[name] || '–' }));
    }
    get title() {
        return format(labels.dealTitle, this.deal.number, this.deal.customer_name || labels.dealUnnamed);
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
    get question() {
        return this.deal.state === 'info_needed' ? (this.deal.decision_reason || this.lastReason('request-info')) : '';
    }
    get decided() {
        return this.deal.state === 'rejected' ? this.deal.decision_reason : '';
    }
    get may() {
        return Object.fromEntries(this.deal.actions.map((action) => [action.replace('-', '_'), true]));
    }
    get decides() {
        return this.company && (this.may.approve || this.may.reject || this.may.request_info);
    }
    get noReply() {
        return this.busy || !this.reply.trim();
    }
    get conflicts() {
        return this.deal.conflicts.map((one, key) => ({ ...one, key }));
    }
    get overlaps() {
        return this.deal.conflicts.length > 0;
    }

    lastReason(kind) {
        return [...this.deal.timeline].reverse().find((event) => event.kind === kind)?.reason ?? '';
    }

    async load() {
        this.error = undefined;
        try {
            this.deal = await show({ dealId: this.dealId });
        } catch (error) {
            this.deal = undefined;
            this.error = error;
        }
    }

    typed(event) {
        this.reply = event.detail.value;
        keep(this.replyName, this.reply);
    }

    async send() {
        await this.act(() => answer({ dealId: this.dealId, reason: this.reply, key: `answer-${this.dealId}-${this.deal.timeline.length}` }), labels.answerSent);
        if (!this.actionError) {
            forget(this.replyName);
            this.reply = '';
        }
    }

    handIn() {
        return this.act(() => submit({ dealId: this.dealId }), format(labels.dealSubmitted, this.deal.number));
    }

    askWithdraw() {
        this.withdrawing = !this.withdrawing;
        this.reason = '';
    }

    because(event) {
        this.reason = event.detail.value;
    }

    async withdrawNow() {
        await this.act(() => withdraw({ dealId: this.dealId, reason: this.reason }), format(labels.dealWithdrawn, this.deal.number));
        if (!this.actionError) this.withdrawing = false;
    }

    goOn() {
        this[NavigationMixin.Navigate]({
            type: 'comm__namedPage',
            attributes: { name: this.registerPage },
            state: { dealId: this.dealId },
        });
    }

    decidedHere(event) {
        this.deal = event.detail.deal;
    }

    back() {
        this[NavigationMixin.Navigate](
            this.company
                ? { type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deals' } }
                : { type: 'comm__namedPage', attributes: { name: this.dealsPage } },
        );
    }

    async act(call, told) {
        this.busy = true;
        this.actionError = undefined;
        try {
            this.deal = await call();
            this.dispatchEvent(new ShowToastEvent({ title: told, variant: 'success' }));
        } catch (error) {
            this.actionError = error;
        } finally {
            this.busy = false;
        }
    }
}
