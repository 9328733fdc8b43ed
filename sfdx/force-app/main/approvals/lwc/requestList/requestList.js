import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import exportCsv from '@salesforce/apex/RequestController.exportCsv';
import search from '@salesforce/apex/RequestController.search';
import workflows from '@salesforce/apex/RequestController.workflows';
import { labelOf, labels } from 'c/requestLabels';
import { titleOf } from 'c/requestWords';
import { byState } from 'c/tandemFilters';
import { moment, money } from 'c/tandemFormat';
import { requestTab, sitePage } from 'c/tandemPages';

const STATES = ['draft', 'submitted', 'info_needed', 'approved', 'rejected', 'recalled', 'cancelled', 'expired', 'voided'];

/** What the reader may start, and the requests there are, ordered and paged by the server. */
export default class RequestList extends NavigationMixin(LightningElement) {
    @api company = false;
    @api pageSize = 20;
    @api formPage = 'Request_Form__c';
    @api requestPage = 'Request__c';
    labels = labels;
    offered = [];
    filters = [byState(STATES.map((value) => ({ value, label: labelOf('state', value) })))];
    source = { search: (asked) => this.search(asked), exportCsv, row: (request) => this.row(request) };

    get listName() {
        return this.company ? 'all-requests' : 'requests';
    }
    // A company's person starts on behalf of a partner from the partner's own pages.
    get canStart() {
        return !this.company && this.offered.length > 0;
    }
    get columns() {
        return [
            { key: 'request', label: labels.request, sort: 'title' },
            this.company && { key: 'partner', label: labels.partner },
            { key: 'state', label: labels.state },
            { key: 'who', label: labels.holder },
            { key: 'amount', label: labels.deal_amount, sort: 'amount', amount: true },
            { key: 'since', label: labels.lastChanged, sort: 'changed' },
        ].filter(Boolean);
    }

    async search(asked) {
        const [page] = await Promise.all([search(asked), this.offer()]);
        return page;
    }

    /** What may be started: asked for with the first page. */
    async offer() {
        if (this.company || this.offered.length) return;
        this.offered = (await workflows()).items;
    }

    async row(request) {
        return {
            id: request.id,
            name: request.number,
            url: await this[NavigationMixin.GenerateUrl](this.pageOf(request.id)),
            cells: {
                request: { text: titleOf(request), link: true },
                partner: request.partner_name,
                state: { text: request.state_words, state: request.state },
                who: request.holder.who,
                amount: money(request.amount, request.currency),
                since: moment(request.state_since),
            },
        };
    }

    pageOf(requestId) {
        return this.company ? requestTab(requestId) : sitePage(this.requestPage, { requestId });
    }

    open(event) {
        this[NavigationMixin.Navigate](this.pageOf(event.detail.id));
    }

    start(event) {
        const { workflow } = event.currentTarget.dataset;
        this[NavigationMixin.Navigate](sitePage(this.formPage, { workflow }));
    }
}
