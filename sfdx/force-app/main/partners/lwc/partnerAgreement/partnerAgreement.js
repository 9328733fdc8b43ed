import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import LANGUAGE from '@salesforce/i18n/lang';
import accept from '@salesforce/apex/PartnerController.accept';
import agreement from '@salesforce/apex/PartnerController.agreement';
import { labels } from 'c/partnerLabels';
import { day, format } from 'c/tandemFormat';

const SHORTEST_NAME = 2;

/**
 * A version of an agreement that waits: to read in any of its languages, and to accept for the company.
 *
 * version: as the API lists what waits; admin: whether the reader may accept; admins: who may, by name.
 * What is sent along is the fingerprint of the very text that was shown. Fires `accepted` {partner}.
 */
export default class PartnerAgreement extends LightningElement {
    @api version;
    @api admin = false;
    @api admins = [];
    labels = labels;
    text;
    loadError;
    error;
    loading = false;
    busy = false;
    name = '';

    get heading() {
        return format(labels.agreementVersion, this.version.title, this.version.version);
    }
    get dueWords() {
        return format(labels.agreementDue, day(this.version.due_on));
    }
    get closed() {
        return !this.text && !this.loading && !this.loadError;
    }
    get readLabel() {
        return this.admin ? labels.agreementReadAccept : labels.agreementRead;
    }
    get readVariant() {
        return this.admin ? 'brand' : 'neutral';
    }
    get several() {
        return this.text.languages.length > 1;
    }
    get languages() {
        const names = new Intl.DisplayNames([LANGUAGE], { type: 'language' });
        return this.text.languages.map((value) => ({ value, label: names.of(value) }));
    }
    get whoCan() {
        return this.admins.length ? format(labels.agreementWho, this.admins.join(', ')) : labels.agreementNobody;
    }
    get cannot() {
        return this.busy || this.name.trim().length < SHORTEST_NAME;
    }

    read() {
        return this.load(this.text?.language ?? LANGUAGE);
    }

    otherLanguage(event) {
        return this.load(event.detail.value);
    }

    async load(language) {
        this.loading = true;
        this.loadError = undefined;
        try {
            this.text = await agreement({ versionId: this.version.version_id, language });
        } catch (error) {
            this.loadError = error;
        } finally {
            this.loading = false;
        }
    }

    typed(event) {
        this.name = event.detail.value;
    }

    async agree() {
        this.busy = true;
        this.error = undefined;
        try {
            const { language, sha256 } = this.text;
            const partner = await accept({ versionId: this.version.version_id, language, sha256, nameTyped: this.name.trim() });
            this.dispatchEvent(new ShowToastEvent({ title: format(labels.agreementAccepted, this.heading), variant: 'success' }));
            this.dispatchEvent(new CustomEvent('accepted', { detail: { partner } }));
        } catch (error) {
            this.error = error;
        } finally {
            this.busy = false;
        }
    }
}
