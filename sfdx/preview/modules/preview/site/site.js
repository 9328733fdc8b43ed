import { LightningElement } from 'lwc';
import { SITE } from 'preview/pages';
import { current, subscribe } from 'preview/router';

/** The partners' Experience Cloud site: header with the project's own navigation, page. */
export default class Site extends LightningElement {
    reference = current();

    connectedCallback() {
        this.unsubscribe = subscribe((reference) => (this.reference = reference));
    }

    disconnectedCallback() {
        this.unsubscribe();
    }

    get here() {
        return SITE[this.reference.attributes.name];
    }
    get unknown() {
        return !this.here;
    }
    get components() {
        return this.here?.components ?? [];
    }
    get company() {
        return globalThis.tandemPreview.session.user.company;
    }
}
