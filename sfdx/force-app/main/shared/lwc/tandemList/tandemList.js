import { LightningElement, api } from 'lwc';
import { keep, kept } from 'c/tandemDraft';
import { save } from 'c/tandemFiles';
import { choosable, includes, question, shown } from 'c/tandemFilters';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 300;
const SORT = 'sort';
const VIEW = 'view';

/**
 * A list that the server searches, filters, orders and pages; the last filter is there again at the next visit,
 * and filters can be kept under names, for this user in this browser.
 *
 * name: under which filters are kept; a list without one begins anew at each visit, and keeps none.
 * columns: as of c/tandemTable; or an element in the slot `rows`, which shows what `found` brings.
 * filters: what there is beside the search, as of c/tandemFilters; orders: [{value, label}], the first one first,
 * else by the columns.
 * countWords: with {0} for the number of rows; grows: further rows come below, instead of page by page.
 * source: {search, row, exportCsv}: `search` gives a page of the API for {q, sortBy, pageSize, cursor} and each
 * filter, null where none is chosen, `row` makes of an item what the table shows, and `exportCsv`, where there is
 * one, gives the whole list as CSV. opening: {filter: value} that an address asks for, before the filter of the
 * last visit. Fires `found` {rows, total}, `open` {id} and `start`.
 */
export default class TandemList extends LightningElement {
    @api name;
    @api heading;
    @api icon;
    @api columns = [];
    @api filters = [];
    @api orders;
    @api source;
    @api searchHint;
    @api countWords;
    @api emptyHeading;
    @api emptyText;
    @api emptyAction;
    @api emptyIcon = 'utility:open_folder';
    @api notFoundHeading = labels.dealsNotFound;
    @api pageSize = 20;
    @api grows = false;
    labels = labels;
    values = {};
    sort;
    cursors = [undefined];
    page;
    rows = [];
    views = {};
    viewName = '';
    naming = false;
    newName = '';
    error;
    loading = true;
    exporting = false;
    pause = new Pause(() => this.again(), SEARCH_AFTER);

    @api get opening() {
        return this.asksFor;
    }
    set opening(filters) {
        const before = JSON.stringify(this.asksFor);
        this.asksFor = filters;
        if (!filters || !this.begun || JSON.stringify(filters) === before) return;
        this.startAt(filters);
        this.load();
    }

    /** What there is now, from the first page on. */
    @api refresh() {
        this.cursors = [undefined];
        return this.load();
    }

    connectedCallback() {
        this.begun = true;
        this.views = this.kept('-views') ?? {};
        this.use(this.kept());
        if (this.opening) this.startAt(this.opening);
        this.load();
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get allFilters() {
        return [{ name: 'q', kind: 'text', label: labels.search, hint: this.searchHint }, ...this.filters];
    }
    get shownFilters() {
        const sort = { name: SORT, label: labels.sortBy, options: this.sortOptions, value: this.sort };
        const view = { name: VIEW, label: labels.views, options: this.viewOptions, value: this.viewName };
        const all = shown(this.allFilters, this.values, this.page?.counts);
        const checks = all.filter(({ isCheck }) => isCheck);
        return [...all.filter(({ isCheck }) => !isCheck), sort, ...checks, ...(this.hasViews ? [view] : [])];
    }
    get sortOptions() {
        const found = this.columns.filter(({ sort }) => sort);
        return (
            this.orders ?? [
                { value: '-created', label: labels.sortNewest },
                { value: 'created', label: labels.sortOldest },
                ...found.flatMap(({ sort, label }) => [
                    { value: sort, label: format(labels.sortUp, label) },
                    { value: `-${sort}`, label: format(labels.sortDown, label) },
                ]),
            ]
        );
    }
    get hasViews() {
        return Object.keys(this.views).length > 0;
    }
    get viewOptions() {
        const names = Object.keys(this.views).sort((a, b) => a.localeCompare(b));
        return [{ value: '', label: labels.viewNone }, ...names.map((name) => ({ value: name, label: name }))];
    }
    get filtered() {
        return shown(this.allFilters, this.values).some(({ value, none }) => value !== none);
    }
    get canSaveView() {
        const chosen = this.filtered || this.sort !== this.sortOptions[0].value;
        return Boolean(this.name) && chosen && !this.viewName && !this.naming;
    }
    get noName() {
        return !this.newName.trim();
    }
    get canExport() {
        return Boolean(this.source.exportCsv) && this.hasRows;
    }
    get summary() {
        return this.page && this.countWords ? format(this.countWords, this.page.total) : '';
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
    get growing() {
        return this.grows && !this.last;
    }
    get paged() {
        return !this.grows;
    }
    get tableClass() {
        return this.loading ? 'table waiting' : 'table';
    }

    async load() {
        this.loading = true;
        this.error = undefined;
        const cursor = this.cursors.at(-1) ?? null;
        const asked = (this.asked = { ...question(this.allFilters, this.values), sortBy: this.sort, pageSize: this.pageSize, cursor });
        try {
            const page = await this.source.search(asked);
            const rows = await Promise.all(page.items.map((item) => this.source.row(item)));
            if (this.asked !== asked) return;
            this.page = page;
            this.rows = this.grows && cursor ? [...this.rows, ...rows] : rows;
            this.dispatchEvent(new CustomEvent('found', { detail: { rows: this.rows, total: page.total } }));
        } catch (error) {
            if (this.asked === asked) this.error = error;
        } finally {
            if (this.asked === asked) this.loading = false;
        }
    }

    /** Take filters over; what is missing, or is none any more, is as at first. */
    use({ sort, ...values } = {}) {
        this.values = choosable(this.allFilters, values);
        this.sort = includes(this.sortOptions, sort) ? sort : this.sortOptions[0].value;
    }

    startAt(filters) {
        this.use(filters);
        this.cursors = [undefined];
        this.viewName = '';
    }

    open({ detail }) {
        this.dispatchEvent(new CustomEvent('open', { detail }));
    }

    started() {
        this.dispatchEvent(new CustomEvent('start'));
    }

    typed(event) {
        this.values = { ...this.values, [event.target.name]: event.detail.value };
        this.pause.again();
    }

    chosen(event) {
        const { name } = event.target;
        const { value, checked } = event.detail;
        if (name === VIEW) this.use(this.views[value]);
        else if (name === SORT) this.sort = value;
        else this.values = { ...this.values, [name]: checked ?? value };
        this.again();
        if (name === VIEW) this.viewName = value;
    }

    turned(event) {
        this.sort = event.detail.sort;
        this.again();
    }

    clear() {
        this.use();
        this.again();
    }

    again() {
        this.viewName = '';
        if (this.name) keep(this.name, { ...this.values, sort: this.sort });
        return this.refresh();
    }

    next() {
        this.cursors = [...this.cursors, this.page.next];
        return this.load();
    }

    previous() {
        this.cursors = this.cursors.slice(0, -1);
        return this.load();
    }

    askView() {
        this.naming = !this.naming;
        this.newName = '';
    }

    viewTyped(event) {
        this.newName = event.detail.value;
    }

    saveView() {
        const name = this.newName.trim();
        this.keepViews({ ...this.views, [name]: { ...this.values, sort: this.sort } });
        this.viewName = name;
        this.naming = false;
    }

    removeView() {
        const { [this.viewName]: removed, ...others } = this.views;
        this.keepViews(others);
        this.viewName = '';
        return removed;
    }

    keepViews(views) {
        this.views = views;
        keep(`${this.name}-views`, views, Date.now(), true);
    }

    kept(what = '') {
        return this.name ? kept(`${this.name}${what}`)?.values : undefined;
    }

    /** The whole search as a file, not only this page. */
    async download() {
        this.exporting = true;
        this.error = undefined;
        try {
            save(`${this.name}.csv`, await this.source.exportCsv(question(this.allFilters, this.values)), 'text/csv;charset=utf-8');
        } catch (error) {
            this.error = error;
        } finally {
            this.exporting = false;
        }
    }
}
