import { LightningElement, api } from 'lwc';

/** What would be here, and how to start. action: the button's words, where there is one; fires `action`. */
export default class TandemEmpty extends LightningElement {
    @api heading;
    @api text;
    @api action;
    @api icon = 'utility:open_folder';

    start() {
        this.dispatchEvent(new CustomEvent('action'));
    }
}
