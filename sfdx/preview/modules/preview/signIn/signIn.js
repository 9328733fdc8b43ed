import { LightningElement } from 'lwc';

/** Whom of the sandbox org to be. An org has Salesforce's own sign-in here. */
export default class SignIn extends LightningElement {
    featured = [];
    others = [];
    filter = '';
    failure = '';
    busy = false;

    connectedCallback() {
        this.load();
    }

    get groups() {
        const wanted = this.filter.trim().toLowerCase();
        const match = ({ name, company, username }) => `${name} ${company} ${username}`.toLowerCase().includes(wanted);
        return [
            { key: 'featured', title: 'The people of the story', people: this.featured.filter(match) },
            { key: 'company', title: 'The manufacturer', people: this.others.filter((one) => !one.partner && match(one)) },
            { key: 'partners', title: 'Partners', people: this.others.filter((one) => one.partner && match(one)) },
        ].filter(({ people }) => people.length);
    }

    async load() {
        this.failure = '';
        try {
            const answer = await fetch('/preview/people');
            const body = await answer.json();
            if (!answer.ok) throw new Error(body.detail);
            this.featured = body.filter((one) => one.featured);
            this.others = body.filter((one) => !one.featured);
        } catch (error) {
            this.failure = error.message || 'The preview does not answer.';
        }
    }

    typed(event) {
        this.filter = event.detail.value;
    }

    async choose(event) {
        this.busy = true;
        this.failure = '';
        try {
            const answer = await fetch('/preview/session', {
                method: 'POST',
                headers: { 'Content-Type': 'application/json' },
                body: JSON.stringify({ username: event.currentTarget.dataset.username }),
            });
            if (!answer.ok) throw new Error((await answer.json()).detail);
            // Back to where the session ended, or to the person's own first page.
            location.reload();
        } catch (error) {
            this.failure = error.message || 'The preview does not answer.';
            this.busy = false;
        }
    }
}
