import { LightningElement, api } from 'lwc';
import { labelOf, labels } from 'c/dealLabels';
import { day, format, moment } from 'c/tandemFormat';

const MOMENTS = new Set(['submitted_at']);
const DAYS = new Set(['close_date']);

/**
 * What a registration overlaps with: in words for a partner, with its evidence for the company's people.
 *
 * conflicts: [{kind, number, until, sentence, found_at, evidence}].
 */
export default class DealConflict extends LightningElement {
    @api conflicts = [];
    @api company = false;
    labels = labels;

    get overlaps() {
        return (this.conflicts ?? []).map((one, key) => ({
            key,
            sentence: this.tell(one),
            found: format(labels.conflictFound, moment(one.found_at)),
            rows: one.evidence ? this.evidence(one.evidence) : [],
            why: one.evidence ? (labelOf('why', one.evidence.why) ?? '') : '',
        }));
    }

    tell({ kind, number, until, sentence }) {
        if (kind === 'opportunity') return labels.conflictOpportunity;
        if (kind !== 'registration') return sentence;
        return until ? format(labels.conflictProtected, number, day(until)) : format(labels.conflictWaiting, number);
    }

    evidence(evidence) {
        return Object.entries(evidence)
            .filter(([name, value]) => name !== 'id' && name !== 'why' && value !== null && value !== '')
            .map(([name, value]) => ({ label: labelOf('evidence', name) ?? name, value: this.shown(name, value) }));
    }

    shown(name, value) {
        if (MOMENTS.has(name)) return moment(value);
        if (DAYS.has(name)) return day(value);
        if (name === 'state') return labelOf('state', value) ?? value;
        if (name === 'likeness') return `${value} %`;
        return value;
    }
}
