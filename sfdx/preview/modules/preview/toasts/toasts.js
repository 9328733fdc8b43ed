import { LightningElement } from 'lwc';

const SECONDS = 6;
let count = 0;

/** Shows what components say with ShowToastEvent, as Lightning does. */
export default class Toasts extends LightningElement {
    toasts = [];
    hear = (event) => this.show(event.detail);

    connectedCallback() {
        document.addEventListener('lightning__showtoast', this.hear);
    }

    disconnectedCallback() {
        document.removeEventListener('lightning__showtoast', this.hear);
    }

    show({ title = '', message = '', variant = 'info', mode = 'dismissible' }) {
        const key = ++count;
        const icon = { success: 'utility:success', warning: 'utility:warning', error: 'utility:error', info: 'utility:info' }[variant];
        this.toasts = [...this.toasts, { key, title, message, icon, class: `slds-notify slds-notify_toast slds-theme_${variant}` }];
        if (mode !== 'sticky') setTimeout(() => this.remove(key), SECONDS * 1000);
    }

    close(event) {
        this.remove(Number(event.currentTarget.dataset.key));
    }

    remove(key) {
        this.toasts = this.toasts.filter((toast) => toast.key !== key);
    }
}
