import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import approve from '@salesforce/apex/DealController.approve';
import reject from '@salesforce/apex/DealController.reject';
import requestInfo from '@salesforce/apex/DealController.requestInfo';
import { forget, keep, kept } from 'c/tandemDraft';
import { format } from 'c/tandemFormat';
import { labelOf, labels } from 'c/tandemLabels';

const CHOICES = ['approve', 'request-info', 'reject'];
const CALLS = {
    approve: (dealId, reason) => approve({ dealId, overrideReason: reason }),
    reject: (dealId, reason) => reject({ dealId, reason }),
    'request-info': (dealId, reason) => requestInfo({ dealId, reason }),
};

/** Decide on a registration, with a reason. Fires `decided` {deal}. deal: as the API shows it. */
export default class DealDecision extends LightningElement {
    @api deal;
    labels = labels;
    choice = '';
    reason = '';
    busy = false;
    error;

    connectedCallback() {
        const found = kept(this.draftName)?.values;
        if (found && this.deal.actions.includes(found.choice)) {
            this.choice = found.choice;
            this.reason = found.reason;
        }
    }

    get draftName() {
        return `deal-decision:${this.deal.id}`;
    }
    get choices() {
        return CHOICES.filter((one) => this.deal.actions.includes(one)).map((value) => ({ value, label: labelOf('decide', value) }));
    }
    get overlaps() {
        return this.deal.conflicts.length > 0;
    }
    get reasonNeeded() {
        return this.choice !== 'approve' || this.overlaps;
    }
    get reasonShown() {
        return this.choice && (this.choice !== 'approve' || this.overlaps);
    }
    get reasonLabel() {
        return labelOf('reason', this.choice);
    }
    get reasonHelp() {
        return this.choice === 'approve' ? labels.reasonOverrideHelp : labels.reasonHelp;
    }
    get action() {
        return labelOf('decide', `${this.choice}_deal`) ?? labels.decide;
    }
    get variant() {
        return this.choice === 'reject' ? 'destructive' : 'brand';
    }
    get notYet() {
        return this.busy || !this.choice || (this.reasonNeeded && !this.reason.trim());
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
        try {
            const deal = await CALLS[this.choice](this.deal.id, this.reasonShown ? this.reason.trim() : '');
            forget(this.draftName);
            this.dispatchEvent(
                new ShowToastEvent({ title: format(labelOf('decided', this.choice), deal.number), variant: 'success' }),
            );
            this.dispatchEvent(new CustomEvent('decided', { detail: { deal } }));
        } catch (error) {
            this.error = error;
        } finally {
            this.busy = false;
        }
    }
}
