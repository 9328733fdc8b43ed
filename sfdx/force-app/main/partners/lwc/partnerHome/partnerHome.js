import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import search from '@salesforce/apex/DealController.search';
import me from '@salesforce/apex/UserController.me';
import { day, daysUntil, format, moment } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

const SOON_DAYS = 30;
const MOST = 200;

/** A partner's first page: what is to do, which protections end soon, and what changed. */
export default class PartnerHome extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    @api registerPage = 'Register_Deal__c';
    labels = labels;
    person;
    tasks = [];
    expiring = [];
    changed = [];
    partial = '';
    error;
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
    get noTasks() {
        return !this.tasks.length;
    }
    get noExpiring() {
        return !this.expiring.length;
    }
    get nothingYet() {
        return !this.changed.length;
    }

    async load() {
        this.loading = true;
        this.error = undefined;
        try {
            const [person, asked, drafts, approved, recent] = await Promise.all([
                me(),
                search({ state: 'info_needed', pageSize: MOST }),
                search({ state: 'draft', pageSize: MOST }),
                search({ state: 'approved', pageSize: MOST }),
                search({ pageSize: 50 }),
            ]);
            this.person = person;
            const tasks = [
                ...asked.items.map((deal) => ({ deal, text: labels.taskAnswer, page: this.dealPage })),
                ...drafts.items.map((deal) => ({ deal, text: labels.taskDraft, page: this.registerPage })),
            ];
            this.tasks = await Promise.all(tasks.map((task) => this.line(task.deal, task.text, task.page)));
            const soon = approved.items
                .filter((deal) => deal.protected_until && daysUntil(deal.protected_until) <= SOON_DAYS)
                .sort((a, b) => a.protected_until.localeCompare(b.protected_until));
            this.expiring = await Promise.all(
                soon.map((deal) => this.line(deal, format(labels.endsOn, day(deal.protected_until), daysUntil(deal.protected_until)))),
            );
            const latest = [...recent.items].sort((a, b) => b.state_since.localeCompare(a.state_since)).slice(0, 5);
            this.changed = await Promise.all(latest.map((deal) => this.line(deal, moment(deal.state_since))));
            this.partial = approved.next ? format(labels.partialApproved, MOST) : '';
        } catch (error) {
            this.error = error;
        } finally {
            this.loading = false;
        }
    }

    async line(deal, text, page = this.dealPage) {
        return {
            id: deal.id,
            page,
            title: format(labels.dealTitle, deal.number, deal.customer_name || labels.dealUnnamed),
            text,
            state: deal.state,
            words: deal.state_words,
            url: await this[NavigationMixin.GenerateUrl](reference(page, deal.id)),
        };
    }

    open(event) {
        event.preventDefault();
        const { id, page } = event.currentTarget.dataset;
        this[NavigationMixin.Navigate](reference(page, id));
    }

    register() {
        this[NavigationMixin.Navigate](reference(this.registerPage));
    }
}

function reference(name, dealId) {
    return { type: 'comm__namedPage', attributes: { name }, state: dealId ? { dealId } : {} };
}
