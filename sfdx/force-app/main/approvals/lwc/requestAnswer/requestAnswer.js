import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import answer from '@salesforce/apex/RequestController.answer';
import { labels } from 'c/requestLabels';
import { forget, keep, kept } from 'c/tandemDraft';

/** A question about a request, and the reader's answer, which is kept until it has been sent. Fires `answered` {request}. */
export default class RequestAnswer extends LightningElement {
    @api question;
    labels = labels;
    reply = '';
    busy = false;
    error;

    @api get requestId() {
        return this.about;
    }
    set requestId(id) {
        if (id === this.about) return;
        this.about = id;
        this.reply = kept(this.draftName)?.values ?? '';
    }

    get draftName() {
        return `request-answer:${this.about}`;
    }
    get noReply() {
        return this.busy || !this.reply.trim();
    }

    typed(event) {
        this.reply = event.detail.value;
        keep(this.draftName, this.reply);
    }

    async send() {
        this.busy = true;
        this.error = undefined;
        try {
            const request = await answer({ requestId: this.about, reason: this.reply.trim() });
            forget(this.draftName);
            this.reply = '';
            this.dispatchEvent(new ShowToastEvent({ title: labels.answerSent, variant: 'success' }));
            this.dispatchEvent(new CustomEvent('answered', { detail: { request } }));
        } catch (error) {
            this.error = error;
        } finally {
            this.busy = false;
        }
    }
}
