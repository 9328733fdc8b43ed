import { LightningElement, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { labels } from 'c/tandemLabels';
import { sitePage } from 'c/tandemPages';

// The site's pages in their order: API name, text, and the pages that are reached from it.
const PAGES = [
    { name: 'Home', label: labels.home, below: ['Apply__c'] },
    { name: 'Deals__c', label: labels.deals, below: ['Deal__c'] },
    { name: 'Register_Deal__c', label: labels.dealRegister, below: [] },
    { name: 'Opportunities__c', label: labels.opportunities, below: [] },
    { name: 'Requests__c', label: labels.requests, below: ['Request__c', 'Request_Form__c'] },
    { name: 'Company__c', label: labels.company, below: [] },
];

/** The pages of the partners' site, in the reader's language, and the way out. Sits in the site's header. */
export default class TandemNavigation extends NavigationMixin(LightningElement) {
    labels = labels;
    opened = false;
    present;
    addresses = {};

    @wire(CurrentPageReference)
    moved(reference) {
        this.present = reference?.attributes?.name;
        this.opened = false;
    }

    async connectedCallback() {
        const found = await Promise.all(PAGES.map(({ name }) => this[NavigationMixin.GenerateUrl](sitePage(name))));
        this.addresses = Object.fromEntries(PAGES.map(({ name }, index) => [name, found[index]]));
    }

    get pages() {
        return PAGES.map(({ name, label, below }) => {
            const within = name === this.present || below.includes(this.present);
            return {
                name,
                label,
                url: this.addresses[name],
                class: within ? 'page present' : 'page',
                current: name === this.present ? 'page' : within ? 'true' : undefined,
            };
        });
    }
    get listClass() {
        return this.opened ? 'pages opened' : 'pages';
    }
    get expanded() {
        return String(this.opened);
    }

    toggle() {
        this.opened = !this.opened;
    }

    open(event) {
        event.preventDefault();
        this.opened = false;
        this[NavigationMixin.Navigate](sitePage(event.currentTarget.dataset.name));
    }

    leave() {
        this[NavigationMixin.Navigate]({ type: 'comm__loginPage', attributes: { actionName: 'logout' } });
    }
}
