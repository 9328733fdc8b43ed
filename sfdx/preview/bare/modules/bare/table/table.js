import { LightningElement } from 'lwc';

/** Rows of the API, fetched once. */
export default class Table extends LightningElement {
    rows = [];
    columns = [
        { label: 'Number', fieldName: 'number' },
        { label: 'Customer', fieldName: 'customer_name' },
        { label: 'State', fieldName: 'state_words' },
        { label: 'Amount', fieldName: 'amount', type: 'number' },
        { label: 'Submitted', fieldName: 'submitted_at', type: 'date' },
    ];

    async connectedCallback() {
        const answer = await fetch('/tandem/api/deals?limit=50');
        this.rows = (await answer.json()).items;
    }
}
