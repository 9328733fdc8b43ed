import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import decideConflict from '@salesforce/apex/RecordController.decideConflict';
import retrySync from '@salesforce/apex/RecordController.retrySync';
import syncState from '@salesforce/apex/RecordController.syncState';
import { labelOf, labels } from 'c/syncLabels';
import { day, format, moment } from 'c/tandemFormat';

const LOOKS = {
    synced: ['slds-theme_success', 'utility:success'],
    pending: ['slds-theme_info', 'utility:clock'],
    conflict: ['slds-theme_warning', 'utility:warning'],
    stuck: ['slds-theme_error', 'utility:error'],
    refused: ['slds-theme_error', 'utility:error'],
};
const OTHER = ['slds-badge_lightest', 'utility:dash'];

/** Whether both sides hold the same of this record; if not, what waits, what is asked, and why it cannot go. */
export default class RecordSync extends LightningElement {
    @api recordId;
    @api objectApiName;
    labels = labels;
    sync;
    error;
    actionError;
    busy = false;

    connectedCallback() {
        this.load();
    }

    get loading() {
        return !this.sync && !this.error;
    }
    get look() {
        return LOOKS[this.sync.standing] ?? OTHER;
    }
    get badgeClass() {
        return `slds-badge ${this.look[0]}`;
    }
    get icon() {
        return this.look[1];
    }
    get standing() {
        return labelOf('sync', this.sync.standing);
    }
    get help() {
        return labelOf('syncHelp', this.sync.standing);
    }
    get may() {
        return Object.fromEntries(this.sync.actions.map((action) => [action, true]));
    }
    get waiting() {
        const names = this.sync.waiting.map(({ field }) => (field ? nameOf(field) : labels.syncWhole));
        return names.length ? format(labels.syncWaiting, names.join(', ')) : '';
    }
    get facts() {
        const { waiting_since: since, agreed_at: agreed, changed_there: changed, attempts, next_try: next } = this.sync;
        return [
            since && { key: 'since', text: format(labels.since, moment(since)) },
            attempts > 0 && next && { key: 'next', text: format(labels.syncNext, attempts, moment(next)) },
            agreed && { key: 'agreed', text: format(labels.syncAgreed, moment(agreed)) },
            changed && { key: 'changed', text: format(labels.syncChanged, moment(changed)) },
        ].filter(Boolean);
    }
    get questions() {
        return this.sync.questions.map((one) => ({
            id: one.id,
            field: one.field,
            name: nameOf(one.field),
            base: shown(one.base),
            ours: shown(one.ours),
            theirs: shown(one.theirs),
            takeOurs: format(labels.syncTake_tandem, shown(one.ours)),
            takeTheirs: format(labels.syncTake_salesforce, shown(one.theirs)),
        }));
    }

    @api async load() {
        this.error = undefined;
        try {
            this.sync = await syncState(this.which);
        } catch (error) {
            this.sync = undefined;
            this.error = error;
        }
    }

    get which() {
        return { objectApiName: this.objectApiName, recordId: this.recordId };
    }

    retry() {
        return this.act(() => retrySync(this.which), labels.syncRetried);
    }

    decide(event) {
        const { id, take } = event.currentTarget.dataset;
        const { objectApiName, recordId } = this;
        return this.act(() => decideConflict({ objectApiName, recordId, conflictId: id, take }), labels.syncDecided);
    }

    async act(call, told) {
        this.busy = true;
        this.actionError = undefined;
        try {
            this.sync = await call();
            this.dispatchEvent(new ShowToastEvent({ title: told, variant: 'success' }));
        } catch (error) {
            this.actionError = error;
        } finally {
            this.busy = false;
        }
    }
}

/** `Protected_Until__c` as people read it: Protected Until. */
function nameOf(field) {
    return field
        .replace(/__c$|Id$/, '')
        .replaceAll('_', ' ')
        .replace(/([a-z])([A-Z])/g, '$1 $2');
}

function shown(value) {
    if (value === null || value === undefined || value === '') return labels.syncEmpty;
    if (value === true) return labels.yes;
    if (value === false) return labels.no;
    return /^\d{4}-\d\d-\d\d$/.test(value) ? day(value) : String(value);
}
