import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import company from '@salesforce/apex/PartnerController.company';
import me from '@salesforce/apex/UserController.me';
import notices from '@salesforce/apex/UserController.notices';
import readNotices from '@salesforce/apex/UserController.readNotices';
import search from '@salesforce/apex/DealController.search';
import searchRequests from '@salesforce/apex/RequestController.search';
import { labels } from 'c/partnerLabels';
import { titleOf } from 'c/requestWords';
import { day, daysUntil, format, moment } from 'c/tandemFormat';
import { sitePage } from 'c/tandemPages';

const SOON_DAYS = 30;
const MOST = 50;
const LATEST = 5;
const APPLICATION = 'partner_application';
/** Statuses of a partnership that may register deals. */
const SELLING = new Set(['active', 'suspended']);

/** A partner's first page: what is to do, which protections end soon, and what changed since the last visit. */
export default class PartnerHome extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    @api registerPage = 'Register_Deal__c';
    @api requestPage = 'Request__c';
    @api formPage = 'Request_Form__c';
    @api companyPage = 'Company__c';
    @api applyPage = 'Apply__c';
    labels = labels;
    person;
    tasks = [];
    expiring = [];
    news = [];
    changed = [];
    partial = '';
    error;
    newsError;
    missing = false;
    loading = true;

    connectedCallback() {
        this.load();
    }

    get greeting() {
        return this.person ? format(labels.welcome, this.person.name) : labels.home;
    }
    get company() {
        return this.person?.company;
    }
    get ready() {
        return !this.loading && !this.error;
    }
    get sells() {
        return !this.person || SELLING.has(this.person.partner_status);
    }
    get actionLabel() {
        return this.sells ? labels.dealRegister : labels.applyTitle;
    }
    get noTasks() {
        return !this.tasks.length;
    }
    get noExpiring() {
        return !this.expiring.length;
    }
    get hasNews() {
        return this.news.length > 0;
    }
    get nothingYet() {
        return !this.changed.length && !this.news.length;
    }
    get emptyHeading() {
        return this.sells ? labels.dealsEmpty : labels.companyNone;
    }
    get emptyText() {
        return this.sells ? labels.dealsEmptyHelp : labels.companyNoneHelp;
    }

    async load() {
        this.loading = true;
        this.error = undefined;
        this.missing = false;
        try {
            const person = await me();
            const [asked, drafts, approved, recent, askedRequests, draftRequests, agreements, told] = await Promise.all([
                search({ state: 'info_needed', pageSize: MOST }),
                search({ state: 'draft', pageSize: MOST }),
                search({ state: 'approved', sortBy: 'protected', pageSize: MOST }),
                search({ sortBy: '-changed', pageSize: LATEST }),
                searchRequests({ state: 'info_needed', pageSize: MOST }),
                searchRequests({ state: 'draft', pageSize: MOST }),
                this.besides(person.partner_status && company().then((partner) => partner.agreements.waiting)),
                this.besides(notices({ unread: true, pageSize: MOST }).then(({ items }) => items)),
            ]);
            this.person = person;
            this.tasks = await Promise.all([
                ...agreements.map((one) => this.agreementLine(one)),
                ...asked.items.map((deal) => this.dealLine(deal, labels.taskAnswer)),
                ...alone(askedRequests).map((request) => this.requestLine(request, labels.taskAnswer, this.requestPage)),
                ...drafts.items.map((deal) => this.dealLine(deal, labels.taskDraft, this.registerPage)),
                ...alone(draftRequests).map((request) => this.requestLine(request, labels.taskDraft, this.formPage)),
            ]);
            // The server's order: the nearest last day first.
            const soon = approved.items.filter((deal) => deal.protected_until && daysUntil(deal.protected_until) <= SOON_DAYS);
            this.expiring = await Promise.all(
                soon.map((deal) => this.dealLine(deal, format(labels.endsOn, day(deal.protected_until), daysUntil(deal.protected_until)))),
            );
            this.partial = soon.length === approved.items.length && approved.next ? format(labels.partialApproved, MOST) : '';
            this.news = await Promise.all(told.map((notice) => this.noticeLine(notice)));
            this.changed = await Promise.all(recent.items.map((deal) => this.dealLine(deal, moment(deal.state_since))));
        } catch (error) {
            this.error = error;
        } finally {
            this.loading = false;
        }
    }

    /** What the page can do without: nothing of it where it cannot be had, and a word that it is missing. */
    async besides(asked) {
        try {
            return (await asked) || [];
        } catch {
            this.missing = true;
            return [];
        }
    }

    dealLine(deal, text, page = this.dealPage) {
        const title = format(labels.dealTitle, deal.number, deal.customer_name || labels.dealUnnamed);
        return this.line(deal.id, title, text, sitePage(page, { dealId: deal.id }), deal);
    }

    requestLine(request, text, page) {
        const to = request.workflow === APPLICATION ? sitePage(this.applyPage) : sitePage(page, { requestId: request.id });
        return this.line(request.id, titleOf(request), text, to, request);
    }

    agreementLine(one) {
        const title = format(labels.agreementVersion, one.title, one.version);
        return this.line(one.version_id, title, format(labels.agreementDue, day(one.due_on)), sitePage(this.companyPage));
    }

    noticeLine({ id, sentence, at, request_id: requestId }) {
        const to = requestId ? sitePage(this.requestPage, { requestId }) : sitePage(this.companyPage);
        return this.line(id, sentence, moment(at), to);
    }

    async line(id, title, text, to, { state, state_words: words } = {}) {
        return { id, title, text, to, state, words, url: await this[NavigationMixin.GenerateUrl](to) };
    }

    open(event) {
        event.preventDefault();
        const { id, list } = event.currentTarget.dataset;
        this[NavigationMixin.Navigate](this[list].find((one) => one.id === id).to);
    }

    async allRead() {
        this.newsError = undefined;
        try {
            await readNotices({ ids: this.news.map((one) => one.id) });
            this.news = [];
        } catch (error) {
            this.newsError = error;
        }
    }

    begin() {
        this[NavigationMixin.Navigate](sitePage(this.sells ? this.registerPage : this.applyPage));
    }
}

/** Requests that are not a deal's: deals are listed as what they are. */
function alone({ items }) {
    return items.filter((request) => request.subject_kind !== 'deal_registration');
}
