import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import assign from '@salesforce/apex/AssignmentController.assign';
import candidates from '@salesforce/apex/AssignmentController.candidates';
import show from '@salesforce/apex/AssignmentController.show';
import takeOff from '@salesforce/apex/AssignmentController.takeOff';
import undo from '@salesforce/apex/AssignmentController.undo';
import { labelOf, labels } from 'c/partnerLabels';
import { forget, keep, kept } from 'c/tandemDraft';
import { format, moment } from 'c/tandemFormat';
import { recordPage } from 'c/tandemPages';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 300;
const CALLS = { takeOff, undo };

/** Which partner has a lead or an opportunity, since when and why; assigned, changed, taken off and undone. */
export default class PartnerAssignment extends NavigationMixin(LightningElement) {
    @api recordId;
    @api objectApiName;
    labels = labels;
    named;
    found;
    partnerUrl;
    error;
    actionError;
    mode = '';
    q = '';
    page;
    chosen;
    reason = '';
    busy = false;
    searching = false;
    pause = new Pause(() => this.look(), SEARCH_AFTER);

    connectedCallback() {
        this.load();
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get loading() {
        return !this.found && !this.error;
    }
    get may() {
        return Object.fromEntries(this.found.actions.map((action) => [action, true]));
    }
    get locked() {
        return [this.found.locked, this.found.locked_remedy].filter(Boolean).join(' ');
    }
    get asksOwner() {
        return !this.found.locked && !this.found.actions.length;
    }
    get idle() {
        return !this.mode && this.found.actions.length > 0;
    }
    get choosing() {
        return this.mode === 'assign';
    }
    get asking() {
        return Boolean(this.mode);
    }
    get assigned() {
        const { assigned } = this.found;
        return (
            assigned && {
                ...assigned,
                words: [assigned.level, assigned.region, assigned.activation].filter(Boolean).join(' · '),
                people: assigned.people.map((person, key) => ({
                    key,
                    email: person.email,
                    text: [person.name, ...person.roles.map((role) => labelOf('role', role) ?? role)].join(' · '),
                })),
            }
        );
    }
    get current() {
        const [last] = this.found.items;
        return last && !last.ended_at ? last : undefined;
    }
    get since() {
        const { current } = this;
        if (!current) return '';
        return [format(labels.since, moment(current.assigned_at)), mannerOf(current)].join(' · ');
    }
    get because() {
        return this.current?.because ?? '';
    }
    get history() {
        return this.found.items
            .filter((one) => one.ended_at)
            .map((one, key) => ({
                key,
                text: [one.partner, mannerOf(one)].join(' · '),
                ended: format(labels.assignEnded, moment(one.ended_at), one.ended_by),
                reason: one.end_reason,
            }));
    }
    get candidates() {
        return (this.page?.items ?? []).map((one) => ({
            ...one,
            chosen: one.partner_id === this.chosen?.partner_id,
            closed: this.busy || one.reasons.some(({ code }) => code === 'not_active'),
            words: [one.level, one.region, one.activation].filter(Boolean).join(' · '),
            why: one.reasons.map(({ code, values }) => format(labelOf('candidate', code) ?? code, ...values)).join('; '),
        }));
    }
    get noCandidates() {
        return this.page && !this.page.items.length;
    }
    get more() {
        const { items, total } = this.page ?? { items: [], total: 0 };
        return total > items.length ? format(labels.assignMore, items.length, total) : '';
    }
    get over() {
        return this.chosen?.reasons.some(({ code }) => code === 'full') ?? false;
    }
    get reasonLabel() {
        return this.choosing ? labels.assignReason : labels.assignReasonOff;
    }
    get verb() {
        if (!this.choosing) return this.mode === 'undo' ? labels.assignUndo : labels.assignTakeOff;
        return this.chosen ? format(labels.assignTo, this.chosen.name) : labels.assignChoose;
    }
    get variant() {
        return this.mode === 'takeOff' ? 'destructive' : 'brand';
    }
    get notYet() {
        return this.busy || !this.reason.trim() || (this.choosing && !this.chosen);
    }
    get draftName() {
        return `assignment:${this.recordId}`;
    }

    @api async load() {
        this.error = undefined;
        try {
            const { subject, record_id: subjectId, assignment } = await show({ objectApiName: this.objectApiName, recordId: this.recordId });
            this.named = { subject, subjectId };
            await this.take(assignment);
        } catch (error) {
            this.found = undefined;
            this.error = error;
        }
    }

    async take(found) {
        const sfId = found.assigned?.sf_id;
        this.partnerUrl = sfId ? await this[NavigationMixin.GenerateUrl](recordPage('Account', sfId)) : undefined;
        this.found = found;
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](recordPage('Account', this.found.assigned.sf_id));
    }

    choose() {
        this.mode = 'assign';
        this.q = '';
        this.chosen = undefined;
        this.reason = kept(this.draftName)?.values ?? '';
        return this.look();
    }

    ask(event) {
        this.mode = event.currentTarget.dataset.mode;
        this.reason = '';
    }

    leave() {
        this.mode = '';
        this.actionError = undefined;
    }

    searched(event) {
        this.q = event.detail.value;
        this.pause.again();
    }

    async look() {
        const asked = (this.asked = { ...this.named, q: this.q });
        this.searching = true;
        this.actionError = undefined;
        try {
            const page = await candidates(asked);
            if (this.asked === asked) this.page = page;
        } catch (error) {
            if (this.asked === asked) this.actionError = error;
        } finally {
            if (this.asked === asked) this.searching = false;
        }
    }

    picked(event) {
        this.chosen = this.page.items.find((one) => one.partner_id === event.target.value);
    }

    typed(event) {
        this.reason = event.detail.value;
        if (this.choosing) keep(this.draftName, this.reason);
    }

    async again() {
        if (this.choosing && !this.chosen) {
            await this.look();
            return;
        }
        const reason = this.reason.trim();
        const call = CALLS[this.mode] ?? assign;
        const asked = this.choosing ? { partnerId: this.chosen.partner_id, overCapacity: this.over } : {};
        this.busy = true;
        this.actionError = undefined;
        try {
            await this.take(await call({ ...this.named, reason, ...asked }));
            forget(this.draftName);
            this.mode = '';
            const told = this.found.assigned ? format(labels.assignDone, this.found.assigned.partner) : labels.assignOff;
            this.dispatchEvent(new ShowToastEvent({ title: told, variant: 'success' }));
        } catch (error) {
            this.actionError = error;
        } finally {
            this.busy = false;
        }
    }
}

function mannerOf({ manner, assigned_by: by }) {
    return format(labelOf('assignManner', manner) ?? '{0}', by);
}
