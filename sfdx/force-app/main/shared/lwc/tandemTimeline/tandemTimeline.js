import { LightningElement, api } from 'lwc';
import { labelOf, labels } from 'c/tandemLabels';
import { format, moment } from 'c/tandemFormat';

const ICONS = {
    submit: 'utility:send',
    submitted: 'utility:send',
    approve: 'utility:success',
    approved: 'utility:success',
    reject: 'utility:error',
    rejected: 'utility:error',
    'request-info': 'utility:question',
    info_needed: 'utility:question',
    answer: 'utility:reply',
    answered: 'utility:reply',
    withdraw: 'utility:undo',
    recalled: 'utility:undo',
    comment: 'utility:comments',
    expire: 'utility:clock',
    win: 'utility:success',
};

/**
 * Everything that happened, in words, the newest first.
 *
 * events: [{at, by, kind, sentence, reason}]. A kind that has a label is told in the reader's language; the
 * API's own sentence stands for the others.
 */
export default class TandemTimeline extends LightningElement {
    @api events = [];
    labels = labels;

    get lines() {
        return [...(this.events ?? [])]
            .map((event, index) => ({
                key: index,
                at: event.at,
                when: moment(event.at),
                sentence: this.tell(event),
                reason: event.reason,
                icon: ICONS[event.kind] ?? 'utility:record',
            }))
            .reverse();
    }

    get isEmpty() {
        return !this.lines.length;
    }

    tell({ kind, by, sentence }) {
        const told = labelOf('event', kind);
        return told ? format(told, by) : sentence;
    }
}
