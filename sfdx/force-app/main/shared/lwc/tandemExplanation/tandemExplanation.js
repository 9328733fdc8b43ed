import { LightningElement, api } from 'lwc';
import { labels } from 'c/tandemLabels';

/**
 * A figure, or a fact, that opens its explanation.
 *
 * value: what is shown; question: the button's words (“Why this amount?”); rows: [{label, value}], the inputs;
 * summary: the rule in one sentence.
 */
export default class TandemExplanation extends LightningElement {
    @api value;
    @api question;
    @api rows = [];
    @api summary;
    open = false;

    get words() {
        return this.question || labels.why;
    }

    get lines() {
        return (this.rows ?? []).map((row, key) => ({ ...row, labelKey: `label-${key}`, valueKey: `value-${key}` }));
    }

    get expanded() {
        return String(this.open);
    }

    get boxClass() {
        return this.open ? 'slds-box slds-box_x-small slds-m-top_x-small slds-theme_shade' : 'slds-hide';
    }

    toggle() {
        this.open = !this.open;
    }
}
