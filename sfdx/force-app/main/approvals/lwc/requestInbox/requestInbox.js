import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import inbox from '@salesforce/apex/RequestController.inbox';
import { labelOf, labels } from 'c/requestLabels';
import { format, money, moment } from 'c/tandemFormat';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 300;
const DEADLINES = ['all', 'overdue', 'today', 'week'];
const ORDERS = ['due', 'newest'];

/**
 * What the reader may decide, found, filtered, sorted and paged by the server. An address with `c__due` begins
 * with that deadline.
 */
export default class RequestInbox extends NavigationMixin(LightningElement) {
    @api pageSize = 20;
    labels = labels;
    rows = [];
    total = 0;
    nextCursor;
    error;
    loading = true;
    q = '';
    due = 'all';
    sort = 'due';
    pause = new Pause(() => this.load(), SEARCH_AFTER);

    @wire(CurrentPageReference)
    opened(reference) {
        const due = reference?.state?.c__due;
        if (!DEADLINES.includes(due) || due === this.due) return;
        this.due = due;
        if (this.begun) this.load();
    }

    connectedCallback() {
        this.begun = true;
        this.load();
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get deadlines() {
        return DEADLINES.map((value) => ({ value, label: labelOf('inboxDue', value) }));
    }
    get orders() {
        return ORDERS.map((value) => ({ value, label: labelOf('inboxSort', value) }));
    }
    get filtered() {
        return this.q !== '' || this.due !== 'all';
    }
    get nothingFound() {
        return this.isEmpty && this.filtered;
    }

    get heading() {
        return this.total ? format(labels.tasksCount, this.total) : labels.myDecisions;
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

    async load() {
        await this.fetch(null, []);
    }

    async more() {
        await this.fetch(this.nextCursor, this.rows);
    }

    typed(event) {
        this.q = event.detail.value;
        this.pause.again();
    }

    chosen(event) {
        this[event.target.name] = event.detail.value;
        this.load();
    }

    clear() {
        this.q = '';
        this.due = 'all';
        this.load();
    }

    async fetch(cursor, before) {
        this.loading = true;
        this.error = undefined;
        const { q, sort: sortBy, pageSize } = this;
        const asked = (this.asked = { due: this.due === 'all' ? null : this.due, q, sortBy, pageSize, cursor });
        try {
            const page = await inbox(asked);
            const rows = await Promise.all(page.items.map((item) => this.row(item)));
            if (this.asked !== asked) return;
            this.rows = [...before, ...rows];
            this.total = page.total;
            this.nextCursor = page.next;
        } catch (error) {
            if (this.asked === asked) this.error = error;
        } finally {
            if (this.asked === asked) this.loading = false;
        }
    }

    async row(item) {
        const { request } = item;
        return {
            key: `${request.id}/${item.step}`,
            id: request.id,
            number: request.number,
            state: request.state,
            words: request.state_words,
            title: format(labels.dealTitle, request.number, request.title || request.workflow_title),
            partner: request.partner_name,
            step: item.on_behalf_of ? format(labels.onBehalf, item.step_title, item.on_behalf_of) : item.step_title,
            amountText: money(request.amount, request.currency),
            waiting: format(labels.since, moment(item.since)),
            due: item.due ? format(labels.due, moment(item.due)) : '',
            overdue: item.overdue,
            url: await this[NavigationMixin.GenerateUrl](pageOf(request.id)),
        };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](pageOf(event.currentTarget.dataset.id));
    }
}

function pageOf(requestId) {
    return { type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Request' }, state: { c__requestId: requestId } };
}
