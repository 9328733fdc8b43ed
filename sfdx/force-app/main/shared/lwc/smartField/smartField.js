import { LightningElement, api } from 'lwc';
import { labels } from 'c/tandemLabels';
import { day, format, money } from 'c/tandemFormat';

const INPUT_TYPES = { email: 'email', phone: 'tel', url: 'url', date: 'date', integer: 'number', decimal: 'number', money: 'number' };
const CHOICES = new Set(['choice', 'country', 'currency']);
const STEPS = { integer: '1', money: '0.01', decimal: 'any' };

/**
 * One field of a form, as its description says. Knows nothing of any business.
 *
 * field: {name, type, label, help, required, read_only, options, min, max, max_length, placeholder, fields};
 * value: the present one; error: a sentence to show next to it.
 * Fires `fieldchange` {name, value} as it is typed, and `fieldleave` {name} when the field is left.
 */
export default class SmartField extends LightningElement {
    @api field;
    @api value;
    @api disabled = false;
    /** How the amount's currency is called, for a field of the type money. */
    @api currency;
    _error = '';
    names = {};

    @api
    get error() {
        return this._error;
    }
    set error(value) {
        this._error = value ?? '';
        this.told = false;
    }

    get kind() {
        const { type, search, options } = this.field;
        if (search && !options?.length) return type === 'multi_choice' ? 'references' : 'reference';
        if (CHOICES.has(type)) return 'choice';
        if (['long_text', 'boolean', 'multi_choice', 'lines', 'file'].includes(type)) return type;
        return 'input';
    }
    get readOnly() {
        return this.field.read_only === true && this.kind !== 'lines' && this.kind !== 'file';
    }
    get isInput() {
        return !this.readOnly && this.kind === 'input';
    }
    get isLongText() {
        return !this.readOnly && this.kind === 'long_text';
    }
    get isChoice() {
        return !this.readOnly && this.kind === 'choice';
    }
    get isReference() {
        return !this.readOnly && this.kind === 'reference';
    }
    get isReferences() {
        return !this.readOnly && this.kind === 'references';
    }
    /** What was chosen of many, each to be removed again. */
    get pills() {
        return (this.value ?? []).map((value) => ({ value, label: this.names[value] ?? value }));
    }
    // A list with an entry lacks nothing, whatever stands in the box.
    get nextOne() {
        return { ...this.field, required: this.field.required && !(this.value ?? []).length };
    }
    get isMultiChoice() {
        return !this.readOnly && this.kind === 'multi_choice';
    }
    get isBoolean() {
        return !this.readOnly && this.kind === 'boolean';
    }
    get isLines() {
        return this.kind === 'lines';
    }
    get isFile() {
        return this.kind === 'file';
    }

    get inputType() {
        return INPUT_TYPES[this.field.type] ?? 'text';
    }
    get formatter() {
        return this.inputType === 'number' ? 'decimal' : undefined;
    }
    get step() {
        return STEPS[this.field.type];
    }
    // Base components take a limit of null for one of no characters, and say to screen readers that it is reached.
    get maxLength() {
        return this.field.max_length ?? undefined;
    }
    get label() {
        return this.field.type === 'money' && this.currency ? `${this.field.label} (${this.currency})` : this.field.label;
    }
    get missing() {
        return format(labels.fieldRequired, this.field.label);
    }
    get options() {
        const offered = (this.field.options ?? []).map((one) => (typeof one === 'string' ? { value: one, label: one } : one));
        return this.kind === 'choice' ? [{ value: '', label: labels.choose }, ...offered] : offered;
    }
    get chosen() {
        return this.value ?? (this.kind === 'multi_choice' ? [] : '');
    }
    get shown() {
        const { value } = this;
        if (value === null || value === undefined || value === '') return '–';
        switch (this.field.type) {
            case 'date':
                return day(value);
            case 'money':
                return money(value, this.currency);
            case 'boolean':
                return value ? labels.yes : labels.no;
            default:
                return [value].flat().map((one) => this.options.find((option) => option.value === one)?.label ?? one).join(', ');
        }
    }
    get note() {
        return this.field.provenance;
    }
    get accept() {
        return this.field.accepts?.extensions.map((one) => `.${one}`).join(',');
    }
    get several() {
        return (this.field.accepts?.max_count ?? 1) > 1;
    }
    get chosenFiles() {
        return (this.value ?? []).map((file, key) => ({ key, name: file.name }));
    }
    get hasOwnError() {
        return Boolean(this.error) && (this.isLines || this.isFile || this.readOnly);
    }

    renderedCallback() {
        const control = this.refs.control;
        if (!control?.setCustomValidity || this.told) return;
        this.told = true;
        control.setCustomValidity(this.error);
        if (this.error || this.hadError) control.reportValidity();
        this.hadError = Boolean(this.error);
    }

    /** Whether what stands here can be sent, telling the reader when it cannot. */
    @api reportValidity() {
        const control = this.refs.control;
        return control?.reportValidity ? control.reportValidity() : true;
    }

    @api focus() {
        this.refs.control?.focus?.();
    }

    changed(event) {
        const { type } = this.field;
        let value = type === 'boolean' ? event.detail.checked : event.detail.value;
        if (this.inputType === 'number' && value !== '') value = String(value);
        this.tell(value);
    }

    added(event) {
        const { value, label } = event.detail;
        event.target.clear();
        if (!value || (this.value ?? []).includes(value)) return;
        this.names = { ...this.names, [value]: label };
        this.tell([...(this.value ?? []), value]);
    }

    removed(event) {
        const { value } = event.currentTarget.dataset;
        this.tell(this.value.filter((one) => one !== value));
    }

    linesChanged(event) {
        event.stopPropagation();
        this.tell(event.detail.value);
    }

    filesChosen(event) {
        this.tell(Array.from(event.detail.files ?? []));
    }

    left() {
        this.dispatchEvent(new CustomEvent('fieldleave', { detail: { name: this.field.name } }));
    }

    tell(value) {
        this.dispatchEvent(new CustomEvent('fieldchange', { detail: { name: this.field.name, value } }));
    }
}
