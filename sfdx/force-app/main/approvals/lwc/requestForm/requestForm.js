import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { labels } from 'c/requestLabels';
import { sitePage } from 'c/tandemPages';

/** Any request, begun (`?workflow=…`) or gone on with (`?requestId=…`), through the form that its workflow has. */
export default class RequestForm extends NavigationMixin(LightningElement) {
    @api requestPage = 'Request__c';
    labels = labels;
    target = {};

    @wire(CurrentPageReference)
    opened(reference) {
        const { workflow, requestId } = reference?.state ?? {};
        // A request knows its own workflow.
        if (workflow || requestId) this.target = requestId ? { requestId } : { workflow };
    }

    get missing() {
        return !this.target.workflow && !this.target.requestId;
    }

    sent(event) {
        const { request } = event.detail;
        this[NavigationMixin.Navigate](sitePage(this.requestPage, { requestId: request.id }));
    }
}
