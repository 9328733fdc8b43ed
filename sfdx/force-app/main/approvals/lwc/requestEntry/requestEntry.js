import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import LANGUAGE from '@salesforce/i18n/lang';
import attach from '@salesforce/apex/RequestController.attach';
import edit from '@salesforce/apex/RequestController.edit';
import form from '@salesforce/apex/RequestController.form';
import open from '@salesforce/apex/RequestController.open';
import resubmit from '@salesforce/apex/RequestController.resubmit';
import show from '@salesforce/apex/RequestController.show';
import submit from '@salesforce/apex/RequestController.submit';
import { labels } from 'c/requestLabels';
import { complaint, explain } from 'c/tandemErrors';
import { base64Of, refusal } from 'c/tandemFiles';
import { format } from 'c/tandemFormat';

/**
 * A request being filled in, through the form that its workflow has for this reader.
 *
 * target: {workflow, requestId}, one of the two: a new request of that workflow, or one to go on with;
 * heading: instead of the workflow's title; help: what stands above the form; submitLabel: of the button that
 * hands in. What is typed stays in this browser until it has arrived.
 * Fires `sent` {request, handedIn}.
 */
export default class RequestEntry extends LightningElement {
    @api heading;
    @api help;
    @api icon = 'standard:approval';
    @api submitLabel;
    workflowTitle = '';
    request;
    description;
    values = {};
    error;
    loadError;
    fieldErrors;
    progress = '';
    busy = false;
    // The same key for each try of one request: a lost answer does not make a second one.
    attempt = key();
    begun;
    _target = {};

    @api
    get target() {
        return this._target;
    }
    set target(target) {
        const { workflow, requestId } = target ?? {};
        if (workflow === this._target.workflow && requestId === this._target.requestId) return;
        this._target = { workflow, requestId };
        this.request = undefined;
        this.begun = undefined;
        this.values = {};
        this.load();
    }

    get workflow() {
        return this.request?.workflow ?? this._target.workflow;
    }
    get draftName() {
        return `request:${this._target.requestId ?? this._target.workflow}`;
    }
    get loading() {
        return !this.description && !this.loadError;
    }
    get title() {
        return this.heading || this.workflowTitle || labels.request;
    }
    get isDraft() {
        return !this.request || this.request.state === 'draft';
    }
    get saveLabel() {
        return this.isDraft ? labels.saveDraft : undefined;
    }
    get sendLabel() {
        return this.isDraft ? this.submitLabel || labels.requestSubmit : labels.resubmit;
    }

    async load() {
        const asked = this._target;
        this.loadError = undefined;
        this.error = undefined;
        this.description = undefined;
        if (!asked.workflow && !asked.requestId) return;
        try {
            const request = asked.requestId ? await show({ requestId: asked.requestId }) : undefined;
            if (asked !== this._target) return;
            this.request = request;
            this.values = request?.values ?? {};
            const description = await this.resolve(this.values);
            if (asked === this._target) this.description = description;
        } catch (error) {
            if (asked === this._target) this.loadError = error;
        }
    }

    async resolve(values) {
        const found = await form({ workflow: this.workflow, values, requestId: this._target.requestId, language: LANGUAGE });
        this.workflowTitle = found.title;
        return found.form ?? { sections: [] };
    }

    async changed(event) {
        const { values } = event.detail;
        this.asked = values;
        try {
            const description = await this.resolve(withoutFiles(values, this.description));
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
            this.dispatchEvent(new CustomEvent('sent', { detail: { request, handedIn: handIn } }));
        } catch (error) {
            this.error = error;
            this.fieldErrors = explain(error).fields;
        } finally {
            this.busy = false;
            this.progress = '';
        }
    }

    async arrive(values, handIn) {
        const files = this.chosen();
        const requestId = this._target.requestId ?? this.begun;
        if (!requestId && !files.length) return this.begin(values, handIn);
        if (requestId && !this.isDraft) {
            // Files are added before it goes round again: those who decide see them from the start.
            await this.attachAll(requestId, files);
            return resubmit({ requestId, values });
        }
        if (requestId) await edit({ requestId, values });
        else this.begun = (await this.begin(values, false)).id;
        const there = requestId ?? this.begun;
        await this.attachAll(there, files);
        return handIn ? submit({ requestId: there }) : show({ requestId: there });
    }

    begin(values, handIn) {
        return open({ workflow: this.workflow, values, submit: handIn, key: `${this.attempt}-${handIn ? 'submit' : 'draft'}` });
    }

    /** [{field, file}] of the files to send. Throws what a field cannot take, beside that field. */
    chosen() {
        const rules = Object.fromEntries(this.description.sections.flatMap((section) => section.fields).map((field) => [field.name, field.accepts]));
        const found = Object.entries(this.refs.form.files()).flatMap(([field, list]) => list.map((file) => ({ field, file })));
        for (const { field, file } of found) {
            const sentence = refusal([file], rules[field]?.max_bytes);
            if (sentence) throw complaint(sentence, { [field]: sentence });
        }
        return found;
    }

    /** Files go one by one; those that have arrived are not kept twice when it is tried again. */
    async attachAll(requestId, files) {
        for (const [index, { field, file }] of files.entries()) {
            this.progress = format(labels.fileSending, file.name, index + 1, files.length);
            await attach({ requestId, field, name: file.name, base64: await base64Of(file) });
        }
    }
}

function withoutFiles(values, description) {
    const files = new Set((description?.sections ?? []).flatMap(({ fields }) => fields.filter(({ type }) => type === 'file').map(({ name }) => name)));
    return Object.fromEntries(Object.entries(values).filter(([name]) => !files.has(name)));
}

function key() {
    return globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
