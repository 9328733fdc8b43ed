import { LightningElement, api } from 'lwc';
import { labels } from 'c/tandemLabels';

/**
 * Asks why, before something is done that others rely on not happening.
 *
 * label: the question; verb: what is done then, in words. Fires `cancel`, and `confirm` {reason}, which may be empty.
 */
export default class TandemReason extends LightningElement {
    @api label;
    @api verb;
    @api maxLength;
    @api busy = false;
    labels = labels;
    reason = '';

    typed(event) {
        this.reason = event.detail.value;
    }

    leave() {
        this.dispatchEvent(new CustomEvent('cancel'));
    }

    confirmed() {
        this.dispatchEvent(new CustomEvent('confirm', { detail: { reason: this.reason.trim() } }));
    }
}
