import { LightningElement, api } from 'lwc';
import { labelOf, labels } from 'c/requestLabels';
import { format, moment } from 'c/tandemFormat';

const ICONS = {
    approved: 'utility:success',
    rejected: 'utility:error',
    open: 'utility:clock',
    waiting: 'utility:dash',
    skipped: 'utility:dash',
    not_needed: 'utility:dash',
};

/** The steps that a request goes through, who is asked, and what was said. steps: as the API shows them. */
export default class RequestRoute extends LightningElement {
    @api steps = [];
    labels = labels;

    get lines() {
        return (this.steps ?? []).map((step) => ({
            key: step.key,
            title: step.title,
            icon: ICONS[step.state] ?? ICONS.waiting,
            state: labelOf('step', step.state) ?? step.state,
            asked: step.asked.length ? format(labels.stepAsked, step.asked.join(', ')) : '',
            due: step.due_at && !step.closed_at ? format(labels.due, moment(step.due_at)) : '',
            decisions: step.decisions.map((one, index) => ({
                key: index,
                text: format(labelOf('said', one.decision) ?? '{0}', one.by, moment(one.at)),
                reason: one.reason,
            })),
        }));
    }
}
