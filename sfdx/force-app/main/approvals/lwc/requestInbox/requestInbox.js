import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import inbox from '@salesforce/apex/RequestController.inbox';
import { format, money, moment } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

/** What the reader may decide, the nearest deadline first. */
export default class RequestInbox extends NavigationMixin(LightningElement) {
    @api pageSize = 20;
    labels = labels;
    rows = [];
    total = 0;
    nextCursor;
    error;
    loading = true;

    connectedCallback() {
        this.load();
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

    async fetch(cursor, before) {
        this.loading = true;
        this.error = undefined;
        try {
            const page = await inbox({ pageSize: this.pageSize, cursor });
            const rows = await Promise.all(page.items.map((item) => this.row(item)));
            this.rows = [...before, ...rows];
            this.total = page.total;
            this.nextCursor = page.next;
        } catch (error) {
            this.error = error;
        } finally {
            this.loading = false;
        }
    }

    async row(item) {
        const { request } = item;
        return {
            key: `${request.id}/${item.step}`,
            id: request.id,
            number: request.number,
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
