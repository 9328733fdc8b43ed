import { LightningElement, api } from 'lwc';
import LANGUAGE from '@salesforce/i18n/lang';
import find from '@salesforce/apex/RequestController.references';
import { explain } from 'c/tandemErrors';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';
import { Pause } from 'c/tandemPause';

const SEARCH_AFTER = 250;

/**
 * A field that points to something of which there are too many to list: the reader types and chooses.
 *
 * field: its `search` is the API's address of the answers; value: what is kept of the answer.
 * Fires `change` {value, label}, as base components do.
 */
export default class SmartReference extends LightningElement {
    @api field;
    @api disabled = false;
    @api messageWhenValueMissing;
    found = [];
    typed;
    label;
    active = -1;
    open = false;
    error = '';
    custom = '';
    pause = new Pause(() => this.search(this.typed ?? ''), SEARCH_AFTER);
    _value = '';

    @api
    get value() {
        return this._value;
    }
    set value(value) {
        const next = value ?? '';
        if (next === this._value && this.label !== undefined) return;
        this._value = next;
        this.typed = undefined;
        this.label = next;
        if (next) this.name(next);
    }

    disconnectedCallback() {
        this.pause.end();
    }

    get text() {
        return this.typed ?? this.label ?? '';
    }
    get kind() {
        return this.field.search.split('/').pop();
    }
    get options() {
        return this.found.map((one, index) => ({
            ...one,
            index,
            id: `option-${index}`,
            selected: String(one.value === this._value),
            class: `slds-media slds-listbox__option slds-listbox__option_plain slds-media_small ${index === this.active ? 'slds-has-focus' : ''}`,
        }));
    }
    get comboClass() {
        return `slds-combobox slds-dropdown-trigger slds-dropdown-trigger_click ${this.open ? 'slds-is-open' : ''}`;
    }
    get formClass() {
        return `slds-form-element ${this.error ? 'slds-has-error' : ''}`;
    }
    get expanded() {
        return String(this.open);
    }
    get invalid() {
        return String(Boolean(this.error));
    }
    get nothing() {
        return this.open && !this.found.length;
    }
    get labels() {
        return labels;
    }

    /** Whether what stands here can be sent, telling the reader when it cannot. */
    @api reportValidity() {
        if (this.custom) this.error = this.custom;
        else if (this.field.required && !this._value) this.error = this.messageWhenValueMissing;
        else if (this.typed) this.error = format(labels.referenceChoose, this.typed);
        else this.error = '';
        return !this.error;
    }

    @api setCustomValidity(message) {
        this.custom = message ?? '';
    }

    @api focus() {
        this.refs.input?.focus();
    }

    /** Let the next one be chosen, where a field takes several. */
    @api clear() {
        this._value = '';
        this.label = '';
        this.typed = undefined;
    }

    /** What a value that was not typed here is called. */
    async name(value) {
        try {
            const { items } = await find({ kind: this.kind, q: value, language: LANGUAGE });
            const found = items.find((one) => one.value === value);
            if (found && value === this._value) this.label = found.label;
        } catch {
            // The value itself will do.
        }
    }

    async search(q) {
        const asked = (this.asked = {});
        try {
            const { items } = await find({ kind: this.kind, q, language: LANGUAGE });
            if (this.asked !== asked) return;
            this.found = items;
            this.active = q && items.length ? 0 : -1;
            this.error = '';
            this.open = true;
        } catch (error) {
            if (this.asked !== asked) return;
            this.error = explain(error).sentence;
            this.open = false;
        }
    }

    entered() {
        if (!this.disabled && !this.open) this.search('');
    }

    changed(event) {
        event.stopPropagation();
        this.typed = event.target.value;
        this.pause.again();
        if (this._value && !this.typed) this.become('', '');
    }

    // The input's own event says nothing that `change` with a value does not.
    stopped(event) {
        event.stopPropagation();
    }

    pressed(event) {
        const last = this.found.length - 1;
        switch (event.key) {
            case 'ArrowDown':
                this.active = Math.min(last, this.active + 1);
                if (!this.open) this.search(this.typed ?? '');
                break;
            case 'ArrowUp':
                this.active = Math.max(0, this.active - 1);
                break;
            case 'Enter':
                if (this.open && this.found[this.active]) this.choose(this.found[this.active]);
                break;
            case 'Escape':
                this.open = false;
                break;
            default:
                return;
        }
        event.preventDefault();
    }

    clicked(event) {
        this.choose(this.found[Number(event.currentTarget.dataset.index)]);
    }

    // The list would be gone before the click arrives.
    stay(event) {
        event.preventDefault();
    }

    left() {
        this.pause.end();
        this.asked = undefined;
        this.open = false;
        const wanted = this.typed?.trim().toLowerCase();
        const meant = wanted && this.found.find((one) => [one.label, one.value].some((text) => text.toLowerCase() === wanted));
        if (meant) this.choose(meant);
        else if (this.typed === '') this.typed = undefined;
        this.reportValidity();
    }

    choose({ value, label }) {
        this.open = false;
        this.become(value, label);
    }

    become(value, label) {
        this._value = value;
        this.label = label;
        this.typed = undefined;
        this.error = '';
        this.dispatchEvent(new CustomEvent('change', { detail: { value, label } }));
    }
}
