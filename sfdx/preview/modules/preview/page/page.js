import { LightningElement, api } from 'lwc';

/** The components of a page, one below the other. components: [[constructor, properties]]. */
export default class Page extends LightningElement {
    @api components = [];

    get placed() {
        return this.components.map(([is, properties], key) => ({ key, is, properties }));
    }
}
