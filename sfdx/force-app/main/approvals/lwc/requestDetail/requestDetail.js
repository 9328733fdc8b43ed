import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import LANGUAGE from '@salesforce/i18n/lang';
import comment from '@salesforce/apex/RequestController.comment';
import form from '@salesforce/apex/RequestController.form';
import recall from '@salesforce/apex/RequestController.recall';
import show from '@salesforce/apex/RequestController.show';
import { labels } from 'c/requestLabels';
import { titleOf } from 'c/requestWords';
import { format } from 'c/tandemFormat';
import { sitePage } from 'c/tandemPages';

/**
 * One request: where it stands, who holds it until when, its route, its timeline, and what the reader can do.
 *
 * requestId comes from the address (`requestId`, or `c__requestId` in the company's app).
 */
export default class RequestDetail extends NavigationMixin(LightningElement) {
    @api company = false;
    @api formPage = 'Request_Form__c';
    labels = labels;
    requestId;
    request;
    form;
    error;
    actionError;
    busy = false;
    remark = '';
    internal = false;
    recalling = false;

    @wire(CurrentPageReference)
    opened(reference) {
        const requestId = reference?.state?.requestId ?? reference?.state?.c__requestId;
        if (!requestId || requestId === this.requestId) return;
        this.requestId = requestId;
        this.request = undefined;
        this.form = undefined;
        this.load();
    }

    get missing() {
        return !this.requestId;
    }
    get loading() {
        return this.requestId && !this.request && !this.error;
    }
    get title() {
        return titleOf(this.request);
    }
    get authorization() {
        const { authorization } = this.request;
        return authorization ? format(labels.authorization, authorization) : '';
    }
    get may() {
        return Object.fromEntries(this.request.actions.map((action) => [action, true]));
    }
    get decides() {
        return this.request.decide.length > 0;
    }
    get canEdit() {
        return this.may.submit || this.may.resubmit;
    }
    get editLabel() {
        return this.may.submit ? labels.dealEdit : labels.resubmit;
    }
    get fields() {
        const given = (this.form?.sections ?? [])
            .flatMap((section) => section.fields)
            .filter((field) => field.visible !== false && field.value !== null && field.value !== '' && !['lines', 'file'].includes(field.type));
        return given.map((field) => ({ key: field.name, field: { ...field, read_only: true }, value: field.value, currency: field.currency }));
    }
    get noRemark() {
        return this.busy || !this.remark.trim();
    }

    async load() {
        this.error = undefined;
        try {
            this.request = await show({ requestId: this.requestId });
        } catch (error) {
            this.request = undefined;
            this.error = error;
            return;
        }
        try {
            const { workflow, values } = this.request;
            this.form = (await form({ workflow, values, requestId: this.requestId, language: LANGUAGE })).form;
        } catch {
            // What was asked for is shown where the form can be had; everything else is there without it.
            this.form = undefined;
        }
    }

    remarkTyped(event) {
        this.remark = event.detail.value;
    }

    internalChosen(event) {
        this.internal = event.detail.checked;
    }

    async say() {
        const visible = this.internal ? 'company' : 'both';
        await this.act(() => comment({ requestId: this.requestId, text: this.remark.trim(), visible }), labels.commentSaved);
        if (!this.actionError) this.remark = '';
    }

    askRecall() {
        this.recalling = !this.recalling;
    }

    async recallNow(event) {
        const { reason } = event.detail;
        await this.act(() => recall({ requestId: this.requestId, reason }), format(labels.recalled, this.request.number));
        if (!this.actionError) this.recalling = false;
    }

    goOn() {
        const { requestId } = this;
        this[NavigationMixin.Navigate](sitePage(this.formPage, { requestId, workflow: this.request.workflow }));
    }

    changed(event) {
        this.request = event.detail.request;
    }

    async act(call, told) {
        this.busy = true;
        this.actionError = undefined;
        try {
            this.request = await call();
            this.dispatchEvent(new ShowToastEvent({ title: told, variant: 'success' }));
        } catch (error) {
            this.actionError = error;
        } finally {
            this.busy = false;
        }
    }
}
