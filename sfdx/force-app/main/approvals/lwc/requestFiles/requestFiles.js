import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import attach from '@salesforce/apex/RequestController.attach';
import detach from '@salesforce/apex/RequestController.detach';
import download from '@salesforce/apex/RequestController.download';
import files from '@salesforce/apex/RequestController.files';
import { labels } from 'c/requestLabels';
import { complaint } from 'c/tandemErrors';
import { LARGEST, base64Of, refusal, saveBase64, sizeOf } from 'c/tandemFiles';
import { format, moment } from 'c/tandemFormat';

/**
 * The files of a request: to read, to add, and to take away again as long as the API lets the reader.
 *
 * requestId: whose; state: the request's, so that what may be done is asked anew when it changes; form: the
 * request's form, for the names of its fields; company: for the manufacturer's people, who may keep a file to
 * themselves. Fires `changed` when a file came or went.
 */
export default class RequestFiles extends LightningElement {
    @api company = false;
    @api form;
    labels = labels;
    items;
    actions = [];
    error;
    loadError;
    progress = '';
    busy = false;
    internal = false;
    removing;
    _requestId;
    _state;

    @api
    get requestId() {
        return this._requestId;
    }
    set requestId(value) {
        if (value === this._requestId) return;
        this._requestId = value;
        this.items = undefined;
        if (value) this.load();
    }

    @api
    get state() {
        return this._state;
    }
    set state(value) {
        const before = this._state;
        this._state = value;
        if (before && before !== value && this._requestId) this.load();
    }

    get heading() {
        return this.items?.length ? format(labels.filesCount, this.items.length) : labels.files;
    }
    get loading() {
        return !this.items && !this.loadError;
    }
    get isEmpty() {
        return this.items && !this.items.length;
    }
    get emptyWords() {
        return this.canAdd ? labels.filesEmptyHelp : labels.filesEmpty;
    }
    get waits() {
        return (this.items ?? []).some((one) => one.state === 'quarantine');
    }
    get canAdd() {
        return this.actions.includes('attach');
    }
    get canRemove() {
        return this.actions.includes('detach');
    }
    get limitWords() {
        return format(labels.fileLimit, sizeOf(LARGEST));
    }
    get removeQuestion() {
        return this.removing ? format(labels.fileRemoveAsk, this.removing.name) : '';
    }
    get rows() {
        const fields = (this.form?.sections ?? []).flatMap((section) => section.fields);
        return (this.items ?? []).map((one) => ({
            ...one,
            canFetch: one.state === 'clean' && one.size <= LARGEST,
            about: [
                fields.find((field) => field.name === one.field)?.label,
                sizeOf(one.size),
                one.uploaded_by,
                moment(one.created_at),
                one.visible === 'company' && labels.commentInternal,
            ]
                .filter(Boolean)
                .join(' · '),
            note: this.noteOf(one),
            removeWords: format(labels.fileRemove, one.name),
        }));
    }

    noteOf({ state, finding, size }) {
        if (state === 'quarantine') return labels.fileWaits;
        if (state === 'refused') return format(labels.fileRefused, finding);
        return size > LARGEST ? format(labels.fileTooLargeHere, sizeOf(LARGEST)) : '';
    }

    async load() {
        const { requestId } = this;
        this.loadError = undefined;
        try {
            const found = await files({ requestId });
            if (requestId === this.requestId) this.take(found);
        } catch (error) {
            if (requestId === this.requestId) this.loadError = error;
        }
    }

    take({ items, actions }) {
        this.items = items;
        this.actions = actions;
    }

    internalChosen(event) {
        this.internal = event.detail.checked;
    }

    async chosen(event) {
        const list = Array.from(event.detail.files ?? []);
        const sentence = refusal(list);
        this.error = sentence ? complaint(sentence) : undefined;
        if (sentence || !list.length) return;
        const visible = this.internal ? 'company' : 'both';
        await this.act(async () => {
            for (const [index, file] of list.entries()) {
                this.progress = format(labels.fileSending, file.name, index + 1, list.length);
                await attach({ requestId: this.requestId, field: '', name: file.name, base64: await base64Of(file), visible });
            }
        }, labels.fileSent);
        // Those that had arrived before one was refused are there.
        await this.load();
    }

    fetch(event) {
        const { id } = event.currentTarget.dataset;
        return this.act(async () => {
            const { name, type, base64 } = await download({ requestId: this.requestId, attachmentId: id });
            saveBase64(name, base64, type);
        });
    }

    askRemove(event) {
        this.removing = this.items.find((one) => one.id === event.currentTarget.dataset.id);
    }

    stopRemove() {
        this.removing = undefined;
    }

    async removeNow() {
        const { id } = this.removing;
        await this.act(async () => this.take(await detach({ requestId: this.requestId, attachmentId: id })), labels.fileRemoved);
        if (!this.error) this.removing = undefined;
    }

    async act(call, told) {
        this.busy = true;
        this.error = undefined;
        try {
            await call();
            if (!told) return;
            this.dispatchEvent(new ShowToastEvent({ title: told, variant: 'success' }));
            this.dispatchEvent(new CustomEvent('changed'));
        } catch (error) {
            this.error = error;
        } finally {
            this.busy = false;
            this.progress = '';
        }
    }
}
