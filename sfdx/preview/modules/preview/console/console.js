import { LightningElement } from 'lwc';
import { CONSOLE } from 'preview/pages';
import { current, go, subscribe, urlOf } from 'preview/router';

const tab = (apiName) => ({ type: 'standard__navItemPage', attributes: { apiName } });

/** The company's Lightning app: global header, navigation bar, page. */
export default class Console extends LightningElement {
    reference = current();

    connectedCallback() {
        this.unsubscribe = subscribe((reference) => (this.reference = reference));
    }

    disconnectedCallback() {
        this.unsubscribe();
    }

    get here() {
        const { type, attributes } = this.reference;
        return type === 'standard__navItemPage' ? CONSOLE[attributes.apiName] : undefined;
    }
    get components() {
        return this.here?.components ?? [];
    }
    get unknown() {
        return !this.here;
    }
    get initials() {
        return globalThis.tandemPreview.session.user.name
            .split(/\s+/)
            .map((word) => word[0])
            .join('')
            .slice(0, 2);
    }
    get userName() {
        return globalThis.tandemPreview.session.user.name;
    }
    get tabs() {
        const active = this.here?.within ?? this.reference.attributes.apiName;
        return Object.entries(CONSOLE)
            .filter(([, page]) => page.tab)
            .map(([name, { title }]) => ({
                name,
                title,
                url: urlOf(tab(name)),
                class: `slds-context-bar__item ${name === active ? 'slds-is-active' : ''}`,
                current: name === active ? 'page' : undefined,
            }));
    }

    open(event) {
        event.preventDefault();
        go(tab(event.currentTarget.dataset.name));
    }
}
