import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import search from '@salesforce/apex/RequestController.search';
import workflows from '@salesforce/apex/RequestController.workflows';
import { format, moment } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

/** What the reader may start, and the requests there are, the newest first. */
export default class RequestList extends NavigationMixin(LightningElement) {
    @api company = false;
    @api pageSize = 20;
    @api formPage = 'Request_Form__c';
    @api requestPage = 'Request__c';
    labels = labels;
    offered = [];
    rows = [];
    total = 0;
    nextCursor;
    error;
    loading = true;

    connectedCallback() {
        this.load();
    }

    get summary() {
        return format(labels.requestCount, this.total);
    }
    get firstLoad() {
        return this.loading && !this.rows.length;
    }
    get isEmpty() {
        return !this.loading && !this.rows.length;
    }
    get hasMore() {
        return Boolean(this.nextCursor);
    }
    // A company's person starts on behalf of a partner from the partner's own pages.
    get canStart() {
        return !this.company && this.offered.length > 0;
    }

    async load() {
        await this.fetch(null, []);
        if (this.company || this.error) return;
        try {
            const { items } = await workflows();
            this.offered = items;
        } catch (error) {
            this.error = error;
        }
    }

    async more() {
        await this.fetch(this.nextCursor, this.rows);
    }

    async fetch(cursor, before) {
        this.loading = true;
        this.error = undefined;
        try {
            const page = await search({ pageSize: this.pageSize, cursor });
            const rows = await Promise.all(page.items.map((request) => this.row(request)));
            this.rows = [...before, ...rows];
            this.total = page.total;
            this.nextCursor = page.next;
        } catch (error) {
            this.error = error;
        } finally {
            this.loading = false;
        }
    }

    async row(request) {
        return {
            ...request,
            heading: format(labels.dealTitle, request.number, request.title || request.workflow_title),
            sinceText: moment(request.state_since),
            who: request.holder.who,
            url: await this[NavigationMixin.GenerateUrl](this.pageOf(request.id)),
        };
    }

    pageOf(requestId) {
        return this.company
            ? { type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Request' }, state: { c__requestId: requestId } }
            : { type: 'comm__namedPage', attributes: { name: this.requestPage }, state: { requestId } };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](this.pageOf(event.currentTarget.dataset.id));
    }

    start(event) {
        const { workflow } = event.currentTarget.dataset;
        this[NavigationMixin.Navigate]({ type: 'comm__namedPage', attributes: { name: this.formPage }, state: { workflow } });
    }
}
