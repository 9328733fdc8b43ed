import { LightningElement, api } from 'lwc';
import { labels } from 'c/tandemLabels';
import { format } from 'c/tandemFormat';

/**
 * Rows of a form, each with the same fields. What is copied from a spreadsheet fills as many rows as it has.
 *
 * field: a field of the type `lines`: its `fields` describe the columns; value: a list of {column: value}.
 * Fires `lineschange` {value}.
 */
export default class SmartLines extends LightningElement {
    @api field;
    @api disabled = false;
    rows = [];

    @api
    get value() {
        return this.rows;
    }
    set value(value) {
        this.rows = (value ?? []).map((row) => ({ ...row }));
    }

    get columns() {
        return (this.field.fields ?? []).filter((column) => column.visible !== false);
    }

    get headers() {
        return this.columns.map((column) => ({ name: column.name, text: column.required ? `* ${column.label}` : column.label }));
    }

    get lines() {
        return this.rows.map((row, index) => ({
            key: index,
            index,
            removeLabel: format(labels.lineRemove, index + 1),
            cells: this.columns.map((column) => ({
                key: column.name,
                column,
                label: `${column.label} ${index + 1}`,
                value: row[column.name] ?? '',
                isChoice: Boolean(column.options?.length),
                options: [{ value: '', label: labels.choose }, ...(column.options ?? [])],
                type: ['integer', 'decimal', 'money'].includes(column.type) ? 'number' : column.type === 'date' ? 'date' : 'text',
                step: column.type === 'integer' ? '1' : 'any',
            })),
        }));
    }

    get canEdit() {
        return !this.disabled && !this.field.read_only;
    }
    get locked() {
        return !this.canEdit;
    }
    get full() {
        return this.locked || (this.field.max_lines && this.rows.length >= this.field.max_lines);
    }
    get isEmpty() {
        return this.rows.length === 0;
    }
    get labels() {
        return labels;
    }

    add() {
        this.become([...this.rows, {}]);
    }

    remove(event) {
        const index = Number(event.currentTarget.dataset.index);
        this.become(this.rows.filter((_, at) => at !== index));
    }

    changed(event) {
        const { index, column } = event.currentTarget.dataset;
        this.become(this.rows.map((row, at) => (at === Number(index) ? { ...row, [column]: event.detail.value } : row)));
    }

    pasted(event) {
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (this.locked || !/[\t\n]/.test(text.trim())) return;
        event.preventDefault();
        const { index, column } = event.currentTarget.dataset;
        const first = this.columns.findIndex(({ name }) => name === column);
        const rows = this.rows.map((row) => ({ ...row }));
        text.replace(/\r/g, '')
            .replace(/\n+$/, '')
            .split('\n')
            .forEach((line, down) => {
                const row = (rows[Number(index) + down] ??= {});
                line.split('\t').forEach((cell, across) => {
                    const target = this.columns[first + across];
                    if (target) row[target.name] = cell.trim();
                });
            });
        this.become(this.field.max_lines ? rows.slice(0, this.field.max_lines) : rows);
    }

    become(rows) {
        this.rows = rows;
        this.dispatchEvent(new CustomEvent('lineschange', { detail: { value: rows.map((row) => ({ ...row })) } }));
    }
}
