import { LightningElement, api } from 'lwc';
import { forget, keep, kept } from 'c/tandemDraft';
import { labels } from 'c/tandemLabels';
import { format, moment } from 'c/tandemFormat';
import { Pause } from 'c/tandemPause';

const RESOLVE_AFTER = 400;

/**
 * Any form, from its resolved description: a new kind of request needs no new component.
 *
 * description: {title, sections: [{key, title, help, fields: [field]}]}, resolved by the API for this user
 * and these values; values: what is already known; draftName: under which name what is typed is kept in this
 * browser until `sent()` is called; fieldErrors: field → sentence, from the API.
 *
 * Fires `resolve` {values} a moment after something changed, so that the owner may ask for the description
 * anew; `submitform` {values} and `saveform` {values} for the two buttons.
 */
export default class SmartForm extends LightningElement {
    @api description;
    @api draftName;
    @api submitLabel;
    @api saveLabel;
    @api busy = false;
    typed = {};
    given = {};
    errors = {};
    restoredAt;
    pause = new Pause(() => this.askAnew(), RESOLVE_AFTER);

    @api
    get values() {
        return { ...this.given, ...this.typed };
    }
    set values(values) {
        this.given = { ...values };
    }

    @api
    get fieldErrors() {
        return this.errors;
    }
    set fieldErrors(errors) {
        this.errors = { ...errors };
        this.focusNext = Object.keys(this.errors).length > 0;
    }

    connectedCallback() {
        const found = this.draftName && kept(this.draftName);
        if (found) {
            this.typed = found.values;
            this.restoredAt = found.at;
            this.askAnew();
        }
    }

    disconnectedCallback() {
        this.pause.end();
    }

    renderedCallback() {
        if (!this.focusNext) return;
        this.focusNext = false;
        const [first] = this.parts().filter(({ field }) => this.errors[field.name]);
        first?.focus();
    }

    get labels() {
        return labels;
    }

    get sections() {
        const values = this.values;
        return (this.description?.sections ?? [])
            .map((section) => ({
                key: section.key,
                title: section.title,
                help: section.help,
                fields: (section.fields ?? [])
                    .filter((field) => field.visible !== false)
                    .map((field) => ({
                        key: field.name,
                        field,
                        value: values[field.name] ?? field.value ?? field.default,
                        error: this.errorOf(field.name),
                        currency: this.currencyOf(field),
                        class: `slds-col slds-size_1-of-1 ${WIDE.has(field.type) ? '' : 'slds-medium-size_1-of-2'}`,
                    })),
            }))
            .filter((section) => section.fields.length);
    }

    /** The currency of an amount: as chosen, or as the description has it. */
    currencyOf(field) {
        const name = field.currency_field ?? 'currency';
        const beside = (this.description?.sections ?? []).flatMap((section) => section.fields).find((one) => one.name === name);
        return this.values[name] ?? field.currency ?? beside?.value;
    }

    get restored() {
        return this.restoredAt ? format(labels.draftRestored, moment(new Date(this.restoredAt).toISOString())) : '';
    }

    errorOf(name) {
        if (this.errors[name]) return this.errors[name];
        const within = Object.keys(this.errors).filter((path) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`));
        return within.map((path) => this.errors[path]).join(' ');
    }

    /** What a person sees now, by field: typed, given, or the description's own value. */
    @api current() {
        const found = {};
        for (const { fields } of this.sections)
            for (const { field, value } of fields)
                if (value !== undefined && !field.read_only && field.type !== 'file') found[field.name] = emptied(field, value);
        return found;
    }

    /** The files chosen: field → list of File. */
    @api files() {
        return Object.fromEntries(this.fieldsOfType('file').map(({ name }) => [name, this.typed[name] ?? []]));
    }

    /** What was typed has arrived: keep it no longer. */
    @api sent() {
        this.pause.end();
        if (this.draftName) forget(this.draftName);
        this.typed = {};
        this.restoredAt = undefined;
    }

    discard() {
        this.sent();
        this.askAnew();
    }

    changed(event) {
        const { name, value } = event.detail;
        this.typed = { ...this.typed, [name]: value };
        if (this.errors[name]) this.errors = without(this.errors, name);
        if (this.draftName) {
            const files = new Set(this.fieldsOfType('file').map((field) => field.name));
            keep(this.draftName, Object.fromEntries(Object.entries(this.typed).filter(([key]) => !files.has(key))));
        }
        this.pause.again();
    }

    askAnew() {
        this.dispatchEvent(new CustomEvent('resolve', { detail: { values: this.values } }));
    }

    submit(event) {
        event.preventDefault();
        const wrong = this.parts().filter((part) => !part.reportValidity());
        if (wrong.length) {
            wrong[0].focus();
            return;
        }
        this.dispatchEvent(new CustomEvent('submitform', { detail: { values: this.current() } }));
    }

    save() {
        this.dispatchEvent(new CustomEvent('saveform', { detail: { values: this.current() } }));
    }

    parts() {
        return [...this.template.querySelectorAll('c-smart-field')];
    }

    fieldsOfType(type) {
        return (this.description?.sections ?? []).flatMap((section) => section.fields ?? []).filter((field) => field.type === type);
    }
}

const NUMBERS_AND_DAYS = new Set(['money', 'decimal', 'integer', 'date']);
const WIDE = new Set(['long_text', 'lines', 'file', 'multi_choice']);

// A number or a day that was cleared is none.
function emptied(field, value) {
    return value === '' && NUMBERS_AND_DAYS.has(field.type) ? null : value;
}

function without(record, name) {
    return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
