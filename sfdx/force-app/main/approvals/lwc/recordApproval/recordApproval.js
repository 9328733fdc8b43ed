import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import requests from '@salesforce/apex/RecordController.requests';
import show from '@salesforce/apex/RequestController.show';
import showDeal from '@salesforce/apex/DealController.show';
import { labelOf, labels } from 'c/requestLabels';
import { titleOf } from 'c/requestWords';
import { format, money } from 'c/tandemFormat';
import { requestTab } from 'c/tandemPages';

const WAITING = new Set(['submitted', 'info_needed']);

/** The requests about a record: who holds each, its route, what it overlaps with, and the reader's decision. */
export default class RecordApproval extends NavigationMixin(LightningElement) {
    @api recordId;
    @api objectApiName;
    labels = labels;
    items;
    total = 0;
    requestId;
    request;
    conflicts = [];
    url;
    error;

    connectedCallback() {
        this.load();
    }

    get loading() {
        return !this.error && (!this.items || (this.items.length > 0 && !this.request));
    }
    get nothing() {
        return this.items?.length === 0 && !this.error;
    }
    get several() {
        return this.items?.length > 1;
    }
    get options() {
        return this.items.map(({ request }) => ({
            value: request.id,
            label: `${titleOf(request)} (${labelOf('state', request.state) ?? request.state_words})`,
        }));
    }
    get further() {
        const left = this.total - (this.items?.length ?? 0);
        return left > 0 ? format(labels.recordApprovalMore, left) : '';
    }
    get title() {
        return titleOf(this.request);
    }
    get amount() {
        return [this.request.partner_name, money(this.request.amount, this.request.currency)].filter(Boolean).join(' · ');
    }
    get openWords() {
        return format(labels.recordApprovalOpen, this.request.number);
    }
    get decides() {
        return this.request.decide.length > 0;
    }
    get notYours() {
        return WAITING.has(this.request.state) && !this.decides;
    }
    get overlaps() {
        return this.conflicts.length > 0;
    }

    @api async load() {
        this.error = undefined;
        try {
            const { items, total } = await requests({ objectApiName: this.objectApiName, recordId: this.recordId });
            this.items = items;
            this.total = total;
            if (items.length) await this.take(items.find(({ request }) => request.id === this.requestId) ?? items[0]);
        } catch (error) {
            this.request = undefined;
            this.error = error;
        }
    }

    async chosen(event) {
        const { value } = event.detail;
        this.error = undefined;
        this.request = undefined;
        try {
            await this.take(this.items.find(({ request }) => request.id === value));
        } catch (error) {
            this.error = error;
        }
    }

    async take({ request: { id }, deal_id: dealId }) {
        this.requestId = id;
        const [request, deal, url] = await Promise.all([
            show({ requestId: id }),
            dealId ? showDeal({ dealId }) : undefined,
            this[NavigationMixin.GenerateUrl](requestTab(id)),
        ]);
        if (this.requestId !== id) return;
        this.conflicts = (deal?.conflicts ?? []).map((one, key) => ({ ...one, key }));
        this.url = url;
        this.request = request;
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](requestTab(this.requestId));
    }

    decided() {
        return this.load();
    }
}
