import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import search from '@salesforce/apex/RecordController.search';
import { labelOf, labels } from 'c/recordLabels';
import { day, money } from 'c/tandemFormat';
import { recordPage } from 'c/tandemPages';

const ICONS = { Account: 'standard:account', Lead: 'standard:lead', Opportunity: 'standard:opportunity' };
const ASSIGNED = { assigned: true, unassigned: false };

/** Accounts, leads or opportunities by their partner. objectApiName: which of the three. */
export default class RecordList extends NavigationMixin(LightningElement) {
    @api objectApiName = 'Opportunity';
    @api pageSize = 20;
    labels = labels;
    filters = [
        { name: 'partner', kind: 'text', label: labels.assignedPartner },
        {
            name: 'which',
            label: labels.recordsWhich,
            all: labels.recordsWhich_all,
            counted: true,
            options: Object.keys(ASSIGNED).map((value) => ({ value, label: labelOf('recordsWhich', value) })),
        },
        { name: 'mine', kind: 'check', label: labels.recordsMine },
    ];
    source = { search: (asked) => this.ask(asked), row: (record) => this.row(record) };

    get listName() {
        return `records:${this.objectApiName}`;
    }
    get deals() {
        return this.objectApiName === 'Opportunity';
    }
    get heading() {
        return labelOf('records', this.objectApiName);
    }
    get icon() {
        return ICONS[this.objectApiName];
    }
    get columns() {
        return [
            { key: 'name', label: labels.recordsName },
            { key: 'partner', label: labels.assignedPartner },
            { key: 'state', label: labels.recordsState },
            { key: 'owner', label: labels.recordsOwner },
            this.deals && { key: 'amount', label: labels.recordsAmount, amount: true },
            this.deals && { key: 'day', label: labels.recordsDay },
        ].filter(Boolean);
    }
    get orders() {
        return [
            { value: 'name', label: labels.recordsSort_name },
            { value: '-changed', label: labels.recordsSort_changed },
            this.deals && { value: 'day', label: labels.recordsSort_day },
        ].filter(Boolean);
    }

    ask({ q, partner, which, mine, sortBy, pageSize, cursor }) {
        const { objectApiName } = this;
        return search({ objectApiName, q, partner, assigned: ASSIGNED[which] ?? null, mine, sortBy, pageSize, cursor });
    }

    async row(record) {
        const { sf_id: recordId, name } = record;
        const link = Boolean(recordId);
        return {
            id: recordId || record.id,
            name,
            record: name,
            url: link ? await this[NavigationMixin.GenerateUrl](recordPage(this.objectApiName, recordId)) : '',
            cells: {
                name: { text: name, link, note: link ? '' : labels.recordsNew, detail: record.detail },
                partner: record.partners.map((partner) => partner.name).join(', ') || '–',
                state: record.state,
                owner: record.owner,
                amount: money(record.amount, record.currency),
                day: day(record.day),
            },
        };
    }

    open(event) {
        this[NavigationMixin.Navigate](recordPage(this.objectApiName, event.detail.id));
    }
}
