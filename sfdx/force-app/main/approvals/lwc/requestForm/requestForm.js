import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import LANGUAGE from '@salesforce/i18n/lang';
import attach from '@salesforce/apex/RequestController.attach';
import edit from '@salesforce/apex/RequestController.edit';
import form from '@salesforce/apex/RequestController.form';
import open from '@salesforce/apex/RequestController.open';
import resubmit from '@salesforce/apex/RequestController.resubmit';
import show from '@salesforce/apex/RequestController.show';
import submit from '@salesforce/apex/RequestController.submit';
import { explain } from 'c/tandemErrors';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

/** Any request, begun (`?workflow=…`) or gone on with (`?requestId=…`), through the form that its workflow has. */
export default class RequestForm extends NavigationMixin(LightningElement) {
    @api requestPage = 'Request__c';
    labels = labels;
    workflow;
    requestId;
    request;
    title;
    description;
    values = {};
    error;
    loadError;
    fieldErrors;
    busy = false;
    attempt = key();

    @wire(CurrentPageReference)
    opened(reference) {
        const { workflow, requestId } = reference?.state ?? {};
        if ((!workflow && !requestId) || (workflow === this.workflow && requestId === this.requestId)) return;
        this.workflow = workflow;
        this.requestId = requestId;
        this.load();
    }

    get draftName() {
        return `request:${this.requestId ?? this.workflow}`;
    }
    get missing() {
        return !this.workflow && !this.requestId;
    }
    get loading() {
        return !this.missing && !this.description && !this.loadError;
    }
    get heading() {
        return this.title || labels.request;
    }
    get isDraft() {
        return !this.request || this.request.state === 'draft';
    }
    get saveLabel() {
        return this.isDraft ? labels.saveDraft : undefined;
    }
    get submitLabel() {
        return this.isDraft ? labels.requestSubmit : labels.resubmit;
    }

    async load() {
        this.loadError = undefined;
        this.error = undefined;
        this.description = undefined;
        try {
            if (this.requestId) {
                this.request = await show({ requestId: this.requestId });
                this.workflow = this.request.workflow;
                this.values = this.request.values;
            }
            this.description = await this.resolve(this.values);
        } catch (error) {
            this.loadError = error;
        }
    }

    async resolve(values) {
        const { title, form: description } = await form({
            workflow: this.workflow,
            values,
            requestId: this.requestId,
            language: LANGUAGE,
        });
        this.title = title;
        return description ?? { sections: [] };
    }

    async changed(event) {
        const { values } = event.detail;
        this.asked = values;
        try {
            const description = await this.resolve(values);
            // An answer to what was typed before is not shown over what is typed now.
            if (this.asked === values) this.description = description;
        } catch (error) {
            if (this.asked === values) this.error = error;
        }
    }

    submitted(event) {
        return this.send(event.detail.values, true);
    }

    saved(event) {
        return this.send(event.detail.values, false);
    }

    async send(values, handIn) {
        this.busy = true;
        this.error = undefined;
        this.fieldErrors = undefined;
        try {
            const request = await this.arrive(values, handIn);
            this.refs.form.sent();
            this.attempt = key();
            this.dispatchEvent(
                new ShowToastEvent({ title: format(handIn ? labels.dealSubmitted : labels.dealSaved, request.number), variant: 'success' }),
            );
            this[NavigationMixin.Navigate]({
                type: 'comm__namedPage',
                attributes: { name: this.requestPage },
                state: { requestId: request.id },
            });
        } catch (error) {
            this.error = error;
            this.fieldErrors = explain(error).fields;
        } finally {
            this.busy = false;
        }
    }

    async arrive(values, handIn) {
        const files = Object.entries(this.refs.form.files()).flatMap(([field, list]) => list.map((file) => ({ field, file })));
        const { workflow } = this;
        if (!this.requestId) {
            const submitNow = handIn && !files.length;
            const made = await open({ workflow, values, submit: submitNow, key: `${this.attempt}-${submitNow ? 'submit' : 'draft'}` });
            if (!files.length) return made;
            return this.finish(made.id, files, handIn);
        }
        if (!this.isDraft) return resubmit({ requestId: this.requestId, values });
        const saved = await edit({ requestId: this.requestId, values });
        return files.length || handIn ? this.finish(this.requestId, files, handIn) : saved;
    }

    /** Files belong to a request that is there; they go one by one, before it is handed in. */
    async finish(requestId, files, handIn) {
        for (const { field, file } of files) {
            await attach({ requestId, field, name: file.name, base64: await base64Of(file) });
        }
        return handIn ? submit({ requestId }) : show({ requestId });
    }
}

function base64Of(file) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(file);
    });
}

function key() {
    return globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
