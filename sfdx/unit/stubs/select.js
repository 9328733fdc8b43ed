import { LightningElement, api } from 'lwc';

// The preset has no stub of lightning-select.
export default class Select extends LightningElement {
    @api label;
    @api name;
    @api value;
    @api options;
    @api required;
    @api disabled;
    @api variant;
    @api fieldLevelHelp;
    @api messageWhenValueMissing;
    @api setCustomValidity() {}
    @api reportValidity() {
        return true;
    }
    @api focus() {}
}
