import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import search from '@salesforce/apex/RecordController.search';
import { labelOf, labels } from 'c/recordLabels';
import { keep, kept } from 'c/tandemDraft';
import { day, format, money } from 'c/tandemFormat';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 300;
const ICONS = { Account: 'standard:account', Lead: 'standard:lead', Opportunity: 'standard:opportunity' };
const ASSIGNED = { all: null, assigned: true, unassigned: false };
const START = { q: '', partner: '', which: 'all', sort: 'name', mine: false };

/**
 * Accounts, leads or opportunities by their partner, searched, sorted and paged by the server; the last filter
 * is there again at the next visit. objectApiName: which of the three.
 */
export default class RecordList extends NavigationMixin(LightningElement) {
    @api objectApiName = 'Opportunity';
    @api pageSize = 20;
    labels = labels;
    q = START.q;
    partner = START.partner;
    which = START.which;
    sort = START.sort;
    mine = START.mine;
    cursors = [undefined];
    page;
    rows = [];
    error;
    loading = true;
    pause = new Pause(() => this.again(), SEARCH_AFTER);

    connectedCallback() {
        Object.assign(this, START, kept(this.view)?.values);
        this.load();
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get view() {
        return `records:${this.objectApiName}`;
    }
    get filters() {
        const { q, partner, which, sort, mine } = this;
        return { q, partner, which, sort, mine };
    }
    get filtered() {
        return Object.keys(START).some((name) => name !== 'sort' && this[name] !== START[name]);
    }
    get deals() {
        return this.objectApiName === 'Opportunity';
    }
    get heading() {
        return labelOf('records', this.objectApiName);
    }
    get icon() {
        return ICONS[this.objectApiName];
    }
    get choices() {
        const { assigned = 0, unassigned = 0 } = this.page?.counts ?? {};
        const counts = { all: assigned + unassigned, assigned, unassigned };
        return Object.keys(ASSIGNED).map((value) => ({
            value,
            label: this.page ? `${labelOf('recordsWhich', value)} (${counts[value]})` : labelOf('recordsWhich', value),
        }));
    }
    get orders() {
        const option = (value, label) => ({ value, label });
        const found = [option('name', labels.recordsSort_name), option('-changed', labels.recordsSort_changed)];
        return this.deals ? [...found, option('day', labels.recordsSort_day)] : found;
    }
    get summary() {
        return format(labels.recordsCount, this.page?.total ?? 0);
    }
    get pageWords() {
        return format(labels.pageOf, this.cursors.length, Math.max(1, Math.ceil((this.page?.total ?? 0) / this.pageSize)));
    }
    get hasRows() {
        return this.rows.length > 0;
    }
    get nothingYet() {
        return this.page && !this.hasRows && !this.filtered;
    }
    get nothingFound() {
        return this.page && !this.hasRows && this.filtered;
    }
    get firstLoad() {
        return this.loading && !this.page;
    }
    get first() {
        return this.cursors.length === 1;
    }
    get last() {
        return !this.page?.next;
    }
    get tableClass() {
        return this.loading ? 'table waiting' : 'table';
    }

    async load() {
        this.loading = true;
        this.error = undefined;
        const { q, partner, which, sort: sortBy, mine, objectApiName, pageSize } = this;
        const cursor = this.cursors[this.cursors.length - 1] ?? null;
        const asked = (this.asked = { objectApiName, q, partner, assigned: ASSIGNED[which], mine, sortBy, pageSize, cursor });
        try {
            const page = await search(asked);
            const rows = await Promise.all(page.items.map((one) => this.row(one)));
            if (this.asked !== asked) return;
            this.page = page;
            this.rows = rows;
        } catch (error) {
            if (this.asked === asked) this.error = error;
        } finally {
            if (this.asked === asked) this.loading = false;
        }
    }

    async row(one) {
        return {
            ...one,
            partnerNames: one.partners.map(({ name }) => name).join(', ') || '–',
            amountText: money(one.amount, one.currency),
            dayText: day(one.day),
            url: one.sf_id && (await this[NavigationMixin.GenerateUrl](this.pageOf(one.sf_id))),
        };
    }

    pageOf(recordId) {
        const { objectApiName } = this;
        return { type: 'standard__recordPage', attributes: { objectApiName, recordId, actionName: 'view' } };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](this.pageOf(event.currentTarget.dataset.id));
    }

    typed(event) {
        this[event.target.name] = event.detail.value;
        this.pause.again();
    }

    chosen(event) {
        const { name } = event.target;
        this[name] = name === 'mine' ? event.detail.checked : event.detail.value;
        this.again();
    }

    clear() {
        Object.assign(this, START);
        this.again();
    }

    again() {
        this.cursors = [undefined];
        keep(this.view, this.filters);
        this.load();
    }

    next() {
        this.cursors = [...this.cursors, this.page.next];
        this.load();
    }

    previous() {
        this.cursors = this.cursors.slice(0, -1);
        this.load();
    }
}
