// Stands in for lightning/platformShowToastEvent: the shell listens and shows it.
export const ShowToastEventName = 'lightning__showtoast';

export class ShowToastEvent extends CustomEvent {
    constructor(config) {
        super(ShowToastEventName, { bubbles: true, composed: true, cancelable: true, detail: config });
    }
}
