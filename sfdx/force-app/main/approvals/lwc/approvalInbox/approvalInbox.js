import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import inbox from '@salesforce/apex/DealController.inbox';
import { format, money, moment, relative } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

/** What waits for a decision, the longest waiting first. */
export default class ApprovalInbox extends NavigationMixin(LightningElement) {
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
        return this.total ? format(labels.inboxCount, this.total) : labels.inbox;
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
            const rows = await Promise.all(page.items.map((deal) => this.row(deal)));
            this.rows = [...before, ...rows];
            this.total = page.total;
            this.nextCursor = page.next;
        } catch (error) {
            this.error = error;
        } finally {
            this.loading = false;
        }
    }

    async row(deal) {
        return {
            ...deal,
            title: format(labels.dealTitle, deal.number, deal.customer_name),
            amountText: money(deal.amount, deal.currency),
            waiting: format(labels.waitingSince, relative(deal.submitted_at)),
            waitingTitle: moment(deal.submitted_at),
            url: await this[NavigationMixin.GenerateUrl](pageOf(deal.id)),
        };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](pageOf(event.currentTarget.dataset.id));
    }
}

function pageOf(dealId) {
    return { type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deal' }, state: { c__dealId: dealId } };
}
