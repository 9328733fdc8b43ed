import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import me from '@salesforce/apex/UserController.me';
import search from '@salesforce/apex/RequestController.search';
import show from '@salesforce/apex/RequestController.show';
import { labelOf, labels } from 'c/partnerLabels';
import { titleOf } from 'c/requestWords';
import { format } from 'c/tandemFormat';
import { sitePage } from 'c/tandemPages';

const WORKFLOW = 'partner_application';
const STEPS = ['apply', 'decision', 'agreement', 'partner'];
/** Of a partnership, by its status: the step it is at. */
const REACHED = { approved: 2, active: 4, suspended: 4 };
const OPEN = new Set(['submitted', 'info_needed']);
/** States from which the same application goes on, instead of a new one. */
const CONTINUED = new Set(['draft', 'rejected', 'recalled', 'expired']);
const LOOKS = {
    done: ['utility:success', 'slds-text-color_weak'],
    current: ['utility:clock', 'slds-text-title_bold'],
    ahead: ['utility:record', ''],
};

/**
 * The way to a partnership: the form, where the application stands, and what comes after it.
 *
 * For people whom the manufacturer gave access for a company that is no partner yet: nobody applies unnamed.
 */
export default class PartnerApply extends NavigationMixin(LightningElement) {
    @api companyPage = 'Company__c';
    @api requestPage = 'Request__c';
    labels = labels;
    person;
    application;
    applicationUrl;
    error;
    loading = true;

    connectedCallback() {
        this.load();
    }

    get ready() {
        return !this.loading && !this.error;
    }
    get status() {
        return this.person.partner_status;
    }
    get isPartner() {
        return this.status in REACHED;
    }
    get partnerWords() {
        return this.status === 'approved' ? labels.applyApproved : format(labels.applyAlready, this.person.company);
    }
    get position() {
        if (this.isPartner) return REACHED[this.status];
        return OPEN.has(this.application?.state) ? 1 : 0;
    }
    get steps() {
        return STEPS.map((key, index) => {
            const at = ['done', 'current', 'ahead'][Math.sign(index - this.position) + 1];
            const [icon, look] = LOOKS[at];
            return {
                key,
                icon,
                class: look,
                title: labelOf('applyStep', key),
                help: labelOf('applyStepHelp', key),
                words: labelOf('applyStepState', at),
                current: at === 'current' ? 'step' : undefined,
            };
        });
    }
    get applicationTitle() {
        return titleOf({ ...this.application, title: '' });
    }
    get waits() {
        return OPEN.has(this.application.state);
    }
    get asked() {
        return this.application.actions.includes('answer') && this.application.question;
    }
    get reason() {
        if (this.application.state !== 'rejected') return '';
        return this.application.decisions.filter((one) => one.decision === 'reject').pop()?.reason ?? '';
    }
    /** What the form is for: the application to go on with, or a new one; none while one is decided on. */
    get target() {
        if (this.isPartner || OPEN.has(this.application?.state)) return undefined;
        return CONTINUED.has(this.application?.state) ? { requestId: this.application.id } : { workflow: WORKFLOW };
    }

    async load() {
        this.loading = true;
        this.error = undefined;
        try {
            const [person, found] = await Promise.all([me(), search({ workflow: WORKFLOW, pageSize: 1 })]);
            this.person = person;
            await this.take(found.items[0]);
        } catch (error) {
            this.error = error;
        } finally {
            this.loading = false;
        }
    }

    async take(latest) {
        this.application = latest && (await show({ requestId: latest.id }));
        this.applicationUrl = latest && (await this[NavigationMixin.GenerateUrl](this.pageOf(latest.id)));
    }

    pageOf(requestId) {
        return sitePage(this.requestPage, { requestId });
    }

    openApplication(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](this.pageOf(this.application.id));
    }

    openCompany() {
        this[NavigationMixin.Navigate](sitePage(this.companyPage));
    }

    /** Where it stands now is on this page. */
    sent() {
        return this.load();
    }
}
