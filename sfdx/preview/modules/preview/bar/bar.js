import { LightningElement } from 'lwc';
import { leave } from 'preview/router';

const NAMES = { en: 'English', de: 'Deutsch', es: 'Español', ja: '日本語' };

/** Says that this is no org, who is signed in, and lets one change both. Nothing of it exists in an org. */
export default class Bar extends LightningElement {
    session = globalThis.tandemPreview.session;

    get who() {
        const { name, username } = this.session.user;
        return `${name} (${username})`;
    }
    get languages() {
        const { languages, i18n } = globalThis.tandemPreview;
        return languages.map((code) => ({ code, name: NAMES[code], selected: code === i18n.lang }));
    }

    choose(event) {
        globalThis.tandemPreview.choose(event.target.value);
    }

    leave() {
        return leave();
    }
}
