import { LightningElement, api } from 'lwc';

/**
 * Rows under heads; on a phone each row is a block of its own.
 *
 * columns: [{key, label, sort, amount}], with `sort` the API's order by that column, of which the first names its
 * row; sort: the order that there is; rows: [{id, name, url, record, cells: {key: text or
 * {text, link, state, warning, note, detail}}}]: `record` is there for a record of Salesforce, and is its name.
 * Fires `turn` {sort} for another order, and `open` {id}.
 */
export default class TandemTable extends LightningElement {
    @api columns = [];
    @api rows = [];
    @api sort;

    get heads() {
        return this.columns.map(({ key, label, sort, amount }) => {
            const up = Boolean(sort) && this.sort === sort;
            const down = Boolean(sort) && this.sort === `-${sort}`;
            return {
                key,
                label,
                sort,
                class: amount ? 'slds-text-align_right' : '',
                sorted: up ? 'ascending' : down ? 'descending' : undefined,
                icon: up ? 'utility:arrowup' : down ? 'utility:arrowdown' : undefined,
            };
        });
    }
    get lines() {
        return this.rows.map((row) => ({ ...row, cells: this.columns.map((column, at) => this.cell(row, column, at)) }));
    }

    cell({ cells }, { key, label, amount }, at) {
        const cell = typeof cells[key] === 'object' && cells[key] ? cells[key] : { text: cells[key] };
        const role = at === 0 ? 'rowheader' : undefined;
        return { key, label, role, class: amount ? 'amount' : 'text', ...cell, plain: !cell.link && !cell.state };
    }

    turned(event) {
        const { sort } = this.columns.find(({ key }) => key === event.currentTarget.dataset.sort);
        this.dispatchEvent(new CustomEvent('turn', { detail: { sort: this.sort === sort ? `-${sort}` : sort } }));
    }

    open(event) {
        event.preventDefault();
        this.dispatchEvent(new CustomEvent('open', { detail: { id: event.currentTarget.dataset.id } }));
    }
}
