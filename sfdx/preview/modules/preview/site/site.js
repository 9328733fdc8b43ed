import { LightningElement } from 'lwc';
import { SITE } from 'preview/pages';
import { current, go, subscribe, urlOf } from 'preview/router';

const page = (name) => ({ type: 'comm__namedPage', attributes: { name } });

/** The partners' Experience Cloud site: header with navigation, page, footer. */
export default class Site extends LightningElement {
    reference = current();
    menuOpen = false;

    connectedCallback() {
        this.unsubscribe = subscribe((reference) => {
            this.reference = reference;
            this.menuOpen = false;
        });
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
    get expanded() {
        return String(this.menuOpen);
    }
    get navClass() {
        return this.menuOpen ? 'nav open' : 'nav';
    }
    get tabs() {
        const active = this.here?.within ?? this.reference.attributes.name;
        return Object.entries(SITE)
            .filter(([, one]) => one.tab)
            .map(([name, { title }]) => ({
                name,
                title,
                url: urlOf(page(name)),
                class: name === active ? 'tab active' : 'tab',
                current: name === active ? 'page' : undefined,
            }));
    }

    toggle() {
        this.menuOpen = !this.menuOpen;
    }

    open(event) {
        event.preventDefault();
        go(page(event.currentTarget.dataset.name));
    }
}
