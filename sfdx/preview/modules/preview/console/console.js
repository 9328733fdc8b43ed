import { LightningElement } from 'lwc';
import { CONSOLE, LISTS, RECORDS } from 'preview/pages';
import { current, go, subscribe, urlOf } from 'preview/router';

const tab = (apiName) => ({ type: 'standard__navItemPage', attributes: { apiName } });
const list = (objectApiName) => ({ type: 'standard__objectPage', attributes: { objectApiName, actionName: 'list' } });
const TABS = [
    ...Object.entries(CONSOLE)
        .filter(([, page]) => page.tab)
        .map(([name, { title }]) => ({ name, title, reference: tab(name) })),
    ...Object.entries(LISTS).map(([name, { title }]) => ({ name, title, reference: list(name) })),
];

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
        if (type === 'standard__navItemPage') return CONSOLE[attributes.apiName];
        return type === 'standard__objectPage' ? LISTS[attributes.objectApiName] : undefined;
    }
    /** The record page, as a list of one: another record is another page. */
    get records() {
        const { type, attributes } = this.reference;
        return type === 'standard__recordPage' && attributes.objectApiName in RECORDS
            ? [{ ...attributes, key: `${attributes.objectApiName}/${attributes.recordId}` }]
            : [];
    }
    get pages() {
        return this.here ? [{ key: this.reference.attributes.apiName ?? this.reference.attributes.objectApiName, components: this.here.components }] : [];
    }
    get unknown() {
        return !this.here && !this.records.length;
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
        const { attributes } = this.reference;
        const active = this.here?.within ?? attributes.apiName ?? attributes.objectApiName;
        return TABS.map(({ name, title, reference }) => ({
            name,
            title,
            url: urlOf(reference),
            class: `slds-context-bar__item ${name === active ? 'slds-is-active' : ''}`,
            current: name === active ? 'page' : undefined,
        }));
    }

    open(event) {
        event.preventDefault();
        go(TABS.find(({ name }) => name === event.currentTarget.dataset.name).reference);
    }
}
