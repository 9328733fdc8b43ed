import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import activity from '@salesforce/apex/RecordController.activity';
import { labelOf, labels } from 'c/partnerLabels';
import { format, moment } from 'c/tandemFormat';
import { dealTab, requestTab } from 'c/tandemPages';

const GROUPS = ['registration', 'request', 'decision', 'assignment'];
const ICONS = {
    registration: 'utility:file',
    request: 'utility:forward',
    decision: 'utility:check',
    assignment: 'utility:user',
};

/** All that partners did around a record, and what was decided about it, the newest first. */
export default class PartnerActivity extends NavigationMixin(LightningElement) {
    @api recordId;
    @api objectApiName;
    @api pageSize = 10;
    labels = labels;
    kind = '';
    rows = [];
    counts;
    total = 0;
    nextCursor;
    error;
    loading = true;

    connectedCallback() {
        this.load();
    }

    get all() {
        return Object.values(this.counts ?? {}).reduce((sum, count) => sum + count, 0);
    }
    get hasAny() {
        return this.all > 0;
    }
    get kinds() {
        const option = (value, label, count) => ({ value, label: `${label} (${count})` });
        return [
            option('', labels.activity_all, this.all),
            ...GROUPS.map((group) => option(group, labelOf('activity', group), this.counts[group])),
        ];
    }
    get firstLoad() {
        return this.loading && !this.counts;
    }
    get nothing() {
        return this.counts && !this.hasAny && !this.error;
    }
    get noneOfKind() {
        return this.hasAny && !this.rows.length && !this.loading && !this.error;
    }
    get counted() {
        return format(labels.activityCount, this.rows.length, this.total);
    }

    @api load() {
        return this.fetch(null, []);
    }

    more() {
        return this.fetch(this.nextCursor, this.rows);
    }

    filtered(event) {
        this.kind = event.detail.value;
        return this.load();
    }

    async fetch(cursor, before) {
        this.loading = true;
        this.error = undefined;
        const asked = (this.asked = {
            objectApiName: this.objectApiName,
            recordId: this.recordId,
            kind: this.kind || null,
            pageSize: this.pageSize,
            cursor,
        });
        try {
            const page = await activity(asked);
            const rows = await Promise.all(page.items.map((item) => this.row(item)));
            if (this.asked !== asked) return;
            this.rows = [...before, ...rows];
            this.counts = page.counts;
            this.total = page.total;
            this.nextCursor = page.next;
        } catch (error) {
            if (this.asked === asked) this.error = error;
        } finally {
            if (this.asked === asked) this.loading = false;
        }
    }

    async row(item) {
        const { group, kind, at, number, title } = item;
        const page = pageOf(item);
        return {
            ...item,
            page,
            url: page && (await this[NavigationMixin.GenerateUrl](page)),
            about: title ? format(labels.dealTitle, number, title) : number,
            icon: ICONS[group],
            groupWords: labelOf('activity', group),
            when: moment(at),
            sentence: tell(item),
            kind,
        };
    }

    open(event) {
        event.preventDefault();
        const { key } = event.currentTarget.dataset;
        this[NavigationMixin.Navigate](this.rows.find((row) => row.key === key).page);
    }
}

function tell({ group, kind, by, title, partner, sentence }) {
    if (group === 'assignment')
        return format(kind === 'assigned' ? labels.activityAssigned : labels.activityTakenOff, title, partner, by);
    const told = labelOf('event', kind);
    return told ? format(told, by) : sentence;
}

function pageOf({ deal_id: dealId, request_id: requestId }) {
    if (dealId) return dealTab(dealId);
    return requestId ? requestTab(requestId) : undefined;
}
