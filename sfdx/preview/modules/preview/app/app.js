import { LightningElement } from 'lwc';
import { current, subscribe, visit } from 'preview/router';

/** Signed out: who to be. Signed in: the company's app, or the partners' site. */
export default class App extends LightningElement {
    session = globalThis.tandemPreview.session;

    connectedCallback() {
        if (!this.signedIn) return;
        this.unsubscribe = subscribe(() => this.keepToOwn());
        this.keepToOwn();
    }

    disconnectedCallback() {
        this.unsubscribe?.();
    }

    get signedIn() {
        return globalThis.tandemPreview.signedIn;
    }
    get signedOut() {
        return !this.signedIn;
    }
    get isPartner() {
        return this.session.user.partner;
    }

    /** A partner's user has no Lightning app, and the company's people do not belong on the site. */
    keepToOwn() {
        const onSite = current().type === 'comm__namedPage';
        if (onSite !== this.isPartner) visit(this.isPartner ? '/partners/' : '/lightning/n/Tandem_Home', true);
    }
}
