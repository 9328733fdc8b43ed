import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import edit from '@salesforce/apex/DealController.edit';
import show from '@salesforce/apex/DealController.show';
import { labels } from 'c/dealLabels';
import { sitePage } from 'c/tandemPages';

const WORKFLOW = 'deal_registration';

/** Register a deal through the form of its workflow, or go on with a draft of it (`?dealId=…`). */
export default class DealRegister extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    labels = labels;
    dealId;
    target;
    loadError;

    @wire(CurrentPageReference)
    opened(reference) {
        const dealId = reference?.state?.dealId;
        if (this.target && dealId === this.dealId) return;
        this.dealId = dealId;
        this.load();
    }

    get loading() {
        return !this.target && !this.loadError;
    }
    get heading() {
        return this.dealId ? labels.dealContinue : labels.dealRegister;
    }

    async load() {
        const { dealId } = this;
        this.loadError = undefined;
        this.target = dealId ? undefined : { workflow: WORKFLOW };
        if (!dealId) return;
        try {
            const deal = await show({ dealId });
            if (dealId !== this.dealId) return;
            if (!deal.actions.includes('submit')) {
                this.open(deal.id, true);
                return;
            }
            // A draft from before registrations had requests gets its request with the first change.
            const { request_id: requestId } = deal.request_id ? deal : await edit({ dealId, values: {} });
            if (dealId === this.dealId) this.target = { requestId };
        } catch (error) {
            if (dealId === this.dealId) this.loadError = error;
        }
    }

    async sent(event) {
        const { request, handedIn } = event.detail;
        if (handedIn) await this.tellOverlap(request.subject_id);
        this.open(request.subject_id);
    }

    /** Whoever registers learns at once that somebody else may have been first. */
    async tellOverlap(dealId) {
        try {
            const { conflicts } = await show({ dealId });
            if (conflicts.length) this.dispatchEvent(new ShowToastEvent({ title: labels.dealOverlapsToast, variant: 'warning' }));
        } catch {
            // The deal's own page says it as well, or why it cannot be shown.
        }
    }

    open(dealId, replace) {
        this[NavigationMixin.Navigate](sitePage(this.dealPage, { dealId }), replace);
    }
}
