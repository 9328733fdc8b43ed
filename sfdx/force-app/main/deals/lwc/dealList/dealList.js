import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import exportCsv from '@salesforce/apex/DealController.exportCsv';
import search from '@salesforce/apex/DealController.search';
import { day, format, money } from 'c/tandemFormat';
import { keep, kept } from 'c/tandemDraft';
import { labelOf, labels } from 'c/tandemLabels';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 300;
const STATES = ['draft', 'submitted', 'info_needed', 'approved', 'rejected', 'withdrawn', 'expired', 'won', 'lost'];
const VIEW = 'deal-list';

/**
 * Registrations: searched, filtered and paged by the server; the last filter is there again at the next visit.
 *
 * dealPage: where one is shown, and registerPage: where one is begun (API names of pages); company: for the
 * manufacturer's people, who also see whose each one is.
 */
export default class DealList extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    @api registerPage = 'Register_Deal__c';
    @api company = false;
    @api pageSize = 20;
    labels = labels;
    state = '';
    q = '';
    cursors = [undefined];
    page;
    rows = [];
    error;
    loading = true;
    pause = new Pause(() => this.again(), SEARCH_AFTER);

    connectedCallback() {
        const last = kept(VIEW)?.values;
        this.state = last?.state ?? '';
        this.q = last?.q ?? '';
        this.load();
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get heading() {
        return this.company ? labels.dealsAll : labels.deals;
    }
    get states() {
        const counts = this.page?.counts ?? {};
        const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
        const counted = (text, count) => (this.page ? `${text} (${count})` : text);
        return [
            { value: '', label: counted(labels.allStates, all) },
            ...STATES.map((state) => ({ value: state, label: counted(labelOf('state', state), counts[state] ?? 0) })),
        ];
    }
    get summary() {
        return format(labels.dealCount, this.page?.total ?? 0);
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
    get canStart() {
        return this.company ? undefined : labels.dealRegister;
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
        const asked = (this.asked = {
            state: this.state || null,
            q: this.q,
            pageSize: this.pageSize,
            cursor: this.cursors[this.cursors.length - 1] ?? null,
        });
        try {
            const page = await search(asked);
            if (this.asked !== asked) return;
            const rows = await Promise.all(page.items.map((deal) => this.row(deal)));
            if (this.asked !== asked) return;
            this.page = page;
            this.rows = rows;
        } catch (error) {
            if (this.asked === asked) this.error = error;
        } finally {
            if (this.asked === asked) this.loading = false;
        }
    }

    async row(deal) {
        return {
            ...deal,
            amountText: money(deal.amount, deal.currency),
            closeText: day(deal.close_date),
            untilText: day(deal.protected_until),
            url: await this[NavigationMixin.GenerateUrl](this.pageOf(deal.id)),
        };
    }

    pageOf(dealId) {
        return this.company
            ? { type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deal' }, state: { c__dealId: dealId } }
            : { type: 'comm__namedPage', attributes: { name: this.dealPage }, state: { dealId } };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](this.pageOf(event.currentTarget.dataset.id));
    }

    start() {
        this[NavigationMixin.Navigate]({ type: 'comm__namedPage', attributes: { name: this.registerPage } });
    }

    filtered(event) {
        this.state = event.detail.value;
        this.again();
    }

    typed(event) {
        this.q = event.detail.value;
        this.pause.again();
    }

    clear() {
        this.state = '';
        this.q = '';
        this.again();
    }

    again() {
        this.cursors = [undefined];
        keep(VIEW, { state: this.state, q: this.q });
        this.load();
    }

    /** The whole search as a file, not only this page. */
    async download() {
        this.exporting = true;
        this.error = undefined;
        try {
            const text = await exportCsv({ state: this.state || null, q: this.q });
            const link = document.createElement('a');
            link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
            link.download = 'deals.csv';
            link.click();
            URL.revokeObjectURL(link.href);
        } catch (error) {
            this.error = error;
        } finally {
            this.exporting = false;
        }
    }
    exporting = false;

    next() {
        this.cursors = [...this.cursors, this.page.next];
        this.load();
    }

    previous() {
        this.cursors = this.cursors.slice(0, -1);
        this.load();
    }
}
