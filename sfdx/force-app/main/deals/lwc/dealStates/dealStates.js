import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import search from '@salesforce/apex/DealController.search';
import { labelOf, labels } from 'c/dealLabels';
import { tab } from 'c/tandemPages';

/** In the order of a registration's life. */
const STATES = ['draft', 'submitted', 'info_needed', 'approved', 'won', 'lost', 'rejected', 'withdrawn', 'expired'];

/** How many registrations the reader sees in each state, for the company's people; each leads to the list of them. */
export default class DealStates extends NavigationMixin(LightningElement) {
    labels = labels;
    items;
    error;

    connectedCallback() {
        this.load();
    }

    get loading() {
        return !this.items && !this.error;
    }
    get isEmpty() {
        return this.items?.length === 0;
    }
    get hasItems() {
        return this.items?.length > 0;
    }

    @api async load() {
        this.error = undefined;
        try {
            // The counts of a page are those of the whole list.
            const { counts } = await search({ state: null, q: '', sortBy: '-created', pageSize: 1, cursor: null });
            const found = STATES.filter((key) => counts[key]);
            this.items = await Promise.all(found.map((key) => this.item(key, counts[key])));
        } catch (error) {
            this.items = undefined;
            this.error = error;
        }
    }

    async item(key, value) {
        return { key, value, label: labelOf('state', key), url: await this[NavigationMixin.GenerateUrl](pageOf(key)) };
    }

    open(event) {
        this[NavigationMixin.Navigate](pageOf(event.detail.key));
    }
}

function pageOf(state) {
    return tab('Tandem_Deals', { c__state: state });
}
