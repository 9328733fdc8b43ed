import { LightningElement, api } from 'lwc';
import { labels } from 'c/partnerLabels';
import { format } from 'c/tandemFormat';

/**
 * How far a partner is on the way to the next level, or stage of onboarding: a bar for each thing it asks for,
 * and the same as a table.
 *
 * step: {name, items: [{sentence, met, have, need}]}, or null at the top; topWords: what to say there.
 */
export default class PartnerProgress extends LightningElement {
    @api step;
    @api topWords;
    labels = labels;
    isChart = true;

    get isTop() {
        return !this.step;
    }
    get heading() {
        const { name, items } = this.step;
        return format(labels.progressTo, name, items.filter((one) => one.met).length, items.length);
    }
    get pressed() {
        return String(!this.isChart);
    }
    get bars() {
        return this.step.items.map((one, key) => {
            const share = one.need ? Math.min(100, Math.round((100 * one.have) / one.need)) : 100;
            return {
                ...one,
                key,
                counted: one.need > 1,
                figure: format(labels.progressFigure, one.have, one.need),
                state: one.met ? labels.applyStepState_done : labels.progressMissing,
                icon: one.met ? 'utility:success' : 'utility:record',
                class: one.met ? 'slds-progress-bar__value slds-progress-bar__value_success' : 'slds-progress-bar__value',
                style: `width: ${share}%`,
            };
        });
    }

    toggle() {
        this.isChart = !this.isChart;
    }
}
