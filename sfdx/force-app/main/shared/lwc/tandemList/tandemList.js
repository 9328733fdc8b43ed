import { LightningElement, api } from 'lwc';
import { keep, kept } from 'c/tandemDraft';
import { save } from 'c/tandemFiles';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 300;
const NEWEST = '-created';

/**
 * A list that the server searches, filters, orders and pages; the last filter is there again at the next visit,
 * and filters can be kept under names, for this user in this browser.
 *
 * name: under which filters are kept; columns: [{key, label, sort, amount}], with `sort` the API's order by that
 * column; states: [{value, label}] that can be filtered by; countWords: with {0} for the number of rows;
 * source: {search, row, exportCsv}: `search` gives a page of the API for {state, q, sortBy, pageSize, cursor},
 * `row` makes of an item {id, name, url, cells: {key: text or {text, link, state, warning}}}, and `exportCsv`,
 * where there is one, gives the whole list as CSV; openingState: the state that an address asks for, before the
 * filter of the last visit. Fires `open` {id} and `start`.
 */
export default class TandemList extends LightningElement {
    @api name;
    @api heading;
    @api icon;
    @api columns = [];
    @api states = [];
    @api source;
    @api searchHint;
    @api countWords;
    @api emptyHeading;
    @api emptyText;
    @api emptyAction;
    @api pageSize = 20;
    labels = labels;
    state = '';
    q = '';
    sort = NEWEST;
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

    @api get openingState() {
        return this.opening;
    }
    set openingState(state) {
        this.opening = state;
        if (!state || !this.begun || state === this.state) return;
        this.startAt(state);
        this.load();
    }

    connectedCallback() {
        this.begun = true;
        this.views = kept(`${this.name}-views`)?.values ?? {};
        this.use(kept(this.name)?.values);
        if (this.opening) this.startAt(this.opening);
        this.load();
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get filters() {
        const { state, q, sort } = this;
        return { state, q, sort };
    }
    get stateOptions() {
        const counts = this.page?.counts ?? {};
        const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
        const counted = (text, count) => (this.page ? `${text} (${count})` : text);
        return [
            { value: '', label: counted(labels.allStates, all) },
            ...this.states.map(({ value, label }) => ({ value, label: counted(label, counts[value] ?? 0) })),
        ];
    }
    get sortOptions() {
        const found = this.columns.filter(({ sort }) => sort);
        return [
            { value: NEWEST, label: labels.sortNewest },
            { value: 'created', label: labels.sortOldest },
            ...found.flatMap(({ sort, label }) => [
                { value: sort, label: format(labels.sortUp, label) },
                { value: `-${sort}`, label: format(labels.sortDown, label) },
            ]),
        ];
    }
    get heads() {
        return this.columns.map(({ key, label, sort, amount }) => {
            const up = Boolean(sort) && this.sort === sort;
            const down = Boolean(sort) && this.sort === `-${sort}`;
            return {
                key,
                label,
                sort,
                class: amount ? 'slds-text-align_right' : '',
                sorted: up ? 'ascending' : down ? 'descending' : undefined,
                icon: up ? 'utility:arrowup' : down ? 'utility:arrowdown' : undefined,
            };
        });
    }
    get hasViews() {
        return Object.keys(this.views).length > 0;
    }
    get viewOptions() {
        const names = Object.keys(this.views).sort((a, b) => a.localeCompare(b));
        return [{ value: '', label: labels.viewNone }, ...names.map((name) => ({ value: name, label: name }))];
    }
    get filtersSet() {
        return Boolean(this.state || this.q || this.sort !== NEWEST);
    }
    get canSaveView() {
        return this.filtersSet && !this.viewName && !this.naming;
    }
    get noName() {
        return !this.newName.trim();
    }
    get canExport() {
        return Boolean(this.source.exportCsv) && this.hasRows;
    }
    get summary() {
        return this.page ? format(this.countWords, this.page.total) : '';
    }
    get pageWords() {
        return format(labels.pageOf, this.cursors.length, Math.max(1, Math.ceil((this.page?.total ?? 0) / this.pageSize)));
    }
    get hasRows() {
        return this.rows.length > 0;
    }
    get nothingYet() {
        return this.page && !this.hasRows && !this.state && !this.q;
    }
    get nothingFound() {
        return this.page && !this.hasRows && (this.state || this.q);
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
        const { state, q, sort, pageSize } = this;
        const asked = (this.asked = { state: state || null, q, sortBy: sort, pageSize, cursor: this.cursors.at(-1) ?? null });
        try {
            const page = await this.source.search(asked);
            const rows = await Promise.all(page.items.map((item) => this.source.row(item)));
            if (this.asked !== asked) return;
            this.page = page;
            this.rows = rows.map((row) => ({ ...row, cells: this.cellsOf(row.cells) }));
        } catch (error) {
            if (this.asked === asked) this.error = error;
        } finally {
            if (this.asked === asked) this.loading = false;
        }
    }

    cellsOf(cells) {
        return this.columns.map(({ key, label, amount }) => {
            const cell = typeof cells[key] === 'object' && cells[key] ? cells[key] : { text: cells[key] };
            return { key, label, class: amount ? 'amount' : 'text', ...cell, plain: !cell.link && !cell.state };
        });
    }

    /** Take filters over; what is missing is as at first. */
    use({ state = '', q = '', sort = NEWEST } = {}) {
        this.state = state;
        this.q = q;
        this.sort = this.sortOptions.some(({ value }) => value === sort) ? sort : NEWEST;
    }

    startAt(state) {
        this.use({ state });
        this.cursors = [undefined];
        this.viewName = '';
    }

    open(event) {
        event.preventDefault();
        this.dispatchEvent(new CustomEvent('open', { detail: { id: event.currentTarget.dataset.id } }));
    }

    started() {
        this.dispatchEvent(new CustomEvent('start'));
    }

    typed(event) {
        this.q = event.detail.value;
        this.pause.again();
    }

    filtered(event) {
        this.state = event.detail.value;
        this.again();
    }

    ordered(event) {
        this.sort = event.detail.value;
        this.again();
    }

    turned(event) {
        const { sort } = this.columns.find(({ key }) => key === event.currentTarget.dataset.sort);
        this.sort = this.sort === sort ? `-${sort}` : sort;
        this.again();
    }

    clear() {
        this.use();
        this.again();
    }

    again() {
        this.cursors = [undefined];
        this.viewName = '';
        keep(this.name, this.filters);
        return this.load();
    }

    next() {
        this.cursors = [...this.cursors, this.page.next];
        return this.load();
    }

    previous() {
        this.cursors = this.cursors.slice(0, -1);
        return this.load();
    }

    viewChosen(event) {
        const { value } = event.detail;
        this.use(this.views[value]);
        this.again();
        this.viewName = value;
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
        this.keepViews({ ...this.views, [name]: this.filters });
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

    /** The whole search as a file, not only this page. */
    async download() {
        this.exporting = true;
        this.error = undefined;
        try {
            const { state, q } = this;
            save(`${this.name}.csv`, await this.source.exportCsv({ state: state || null, q }), 'text/csv;charset=utf-8');
        } catch (error) {
            this.error = error;
        } finally {
            this.exporting = false;
        }
    }
}
