import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import decide from '@salesforce/apex/RequestController.decide';
import { labelOf, labels } from 'c/requestLabels';
import { forget, keep, kept } from 'c/tandemDraft';
import { format } from 'c/tandemFormat';

const CHOICES = ['approve', 'request_info', 'reject'];

/** Decide on a request, with a reason. Fires `decided` {request}. request: as the API shows it. */
export default class RequestDecision extends LightningElement {
    @api request;
    /** Whether an approval is an exception, such as of a deal that overlaps another: it needs a reason then. */
    @api exception = false;
    labels = labels;
    choice = '';
    reason = '';
    step;
    busy = false;
    error;

    connectedCallback() {
        this.step = this.request.decide[0]?.step;
        const found = kept(this.draftName)?.values;
        if (found && CHOICES.includes(found.choice)) {
            this.choice = found.choice;
            this.reason = found.reason;
        }
    }

    get draftName() {
        return `request-decision:${this.request.id}`;
    }
    get steps() {
        return this.request.decide.map(({ step, title, on_behalf_of: behalf }) => ({
            value: step,
            label: behalf ? format(labels.onBehalf, title, behalf) : title,
        }));
    }
    get severalSteps() {
        return this.steps.length > 1;
    }
    get stepTitle() {
        return this.steps.find(({ value }) => value === this.step)?.label ?? '';
    }
    get choices() {
        return CHOICES.map((value) => ({ value, label: labelOf('decide', value) }));
    }
    get reasonNeeded() {
        return this.choice !== 'approve' || this.exception;
    }
    get reasonLabel() {
        return this.choice === 'approve' && !this.exception ? labels.comment : labelOf('reason', this.choice);
    }
    get reasonHelp() {
        return this.isException ? labels.reasonOverrideHelp : labels.reasonHelp;
    }
    get isException() {
        return this.choice === 'approve' && this.exception;
    }
    get action() {
        return labelOf('decide', `${this.choice}_request`) ?? labels.decide;
    }
    get variant() {
        return this.choice === 'reject' ? 'destructive' : 'brand';
    }
    get notYet() {
        return this.busy || !this.choice || (this.reasonNeeded && !this.reason.trim());
    }

    stepChosen(event) {
        this.step = event.detail.value;
    }

    chosen(event) {
        this.choice = event.detail.value;
        this.keepIt();
    }

    typed(event) {
        this.reason = event.detail.value;
        this.keepIt();
    }

    keepIt() {
        keep(this.draftName, { choice: this.choice, reason: this.reason });
    }

    async decide() {
        this.busy = true;
        this.error = undefined;
        const { id, round, number } = this.request;
        const reason = this.reason.trim();
        try {
            const request = await decide({
                requestId: id,
                decision: this.choice,
                reason: this.isException ? '' : reason,
                extra: this.isException ? { override_reason: reason } : {},
                step: this.step,
                round,
            });
            forget(this.draftName);
            this.dispatchEvent(new ShowToastEvent({ title: format(labelOf('decided', this.choice), number), variant: 'success' }));
            this.dispatchEvent(new CustomEvent('decided', { detail: { request } }));
        } catch (error) {
            this.error = error;
        } finally {
            this.busy = false;
        }
    }
}
