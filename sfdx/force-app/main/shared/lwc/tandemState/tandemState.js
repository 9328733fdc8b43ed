import { LightningElement, api } from 'lwc';
import { labelOf, labels } from 'c/tandemLabels';
import { day, format, moment } from 'c/tandemFormat';

const LOOKS = {
    draft: ['slds-badge', 'utility:edit'],
    submitted: ['slds-badge slds-theme_info', 'utility:clock'],
    info_needed: ['slds-badge slds-theme_warning', 'utility:warning'],
    approved: ['slds-badge slds-theme_success', 'utility:success'],
    won: ['slds-badge slds-theme_success', 'utility:success'],
    rejected: ['slds-badge slds-theme_error', 'utility:error'],
    lost: ['slds-badge slds-badge_inverse', 'utility:close'],
};
const OTHER = ['slds-badge slds-badge_lightest', 'utility:ban'];

/**
 * Where something stands: its state, whose turn it is, since when, until when, and what comes next.
 *
 * state: the API's code; words: the API's words, for a state that has no label; holder: `partner`, `company`
 * or a name; since: a moment; due: a date or a moment; next: a sentence. compact: the state alone.
 */
export default class TandemState extends LightningElement {
    @api state;
    @api words;
    @api holder;
    @api since;
    @api due;
    @api next;
    @api compact = false;

    get look() {
        return LOOKS[this.state] ?? OTHER;
    }

    get badgeClass() {
        return this.look[0];
    }

    get icon() {
        return this.look[1];
    }

    get stateWords() {
        return labelOf('state', this.state) ?? this.words ?? this.state;
    }

    get details() {
        if (this.compact) return [];
        const who = { partner: labels.holderPartner, company: labels.holderCompany }[this.holder] ?? this.holder;
        const due = this.due && (this.due.length > 10 ? moment(this.due) : day(this.due));
        return [
            { key: 'turn', text: who ? format(labels.turn, who) : labels.turnNobody },
            this.since && { key: 'since', text: format(labels.since, moment(this.since)) },
            due && { key: 'due', text: format(labels.due, due) },
            this.next && { key: 'next', text: this.next },
        ].filter(Boolean);
    }
}
