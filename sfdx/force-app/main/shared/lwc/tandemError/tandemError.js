import { LightningElement, api } from 'lwc';
import { explain } from 'c/tandemErrors';
import { labels } from 'c/tandemLabels';

/**
 * What happened and what to do, in one sentence, with a way on.
 *
 * error: what an Apex call rejected with. Fires `retry`. When the session is over, the way on is to sign in
 * again: the page is loaded anew, and forms take up what was typed.
 */
export default class TandemError extends LightningElement {
    @api error;
    /** Offer to try again also where it is not sure to help, for a page that could not be loaded. */
    @api always = false;
    labels = labels;

    get told() {
        return explain(this.error);
    }

    get canRetry() {
        return !this.told.signIn && (this.told.retry || this.always) && this.told.status !== 404;
    }

    @api focus() {
        this.refs.box?.focus();
    }

    retry() {
        this.dispatchEvent(new CustomEvent('retry'));
    }

    signIn() {
        // Salesforce, or the site, sends whoever has no session to its own sign-in and back to this address.
        window.location.reload();
    }
}
