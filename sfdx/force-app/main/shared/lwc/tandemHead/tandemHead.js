import { LightningElement, api } from 'lwc';

/** The head of a page about one thing: what it is, whose, in the slot `actions` what one can do, below where it stands. */
export default class TandemHead extends LightningElement {
    @api icon;
    @api heading;
    @api whose;
}
