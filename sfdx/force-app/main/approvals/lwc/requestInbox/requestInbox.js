import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import inbox from '@salesforce/apex/RequestController.inbox';
import { labelOf, labels } from 'c/requestLabels';
import { titleOf } from 'c/requestWords';
import { format, money, moment } from 'c/tandemFormat';
import { requestTab } from 'c/tandemPages';

const DEADLINES = ['overdue', 'today', 'week'];
const ORDERS = ['due', 'newest'];

/** What the reader may decide. An address with `c__due` begins with that deadline. */
export default class RequestInbox extends NavigationMixin(LightningElement) {
    @api pageSize = 20;
    labels = labels;
    rows = [];
    total = 0;
    opening;
    filters = [
        {
            name: 'due',
            label: labels.inboxDue,
            all: labels.inboxDue_all,
            options: DEADLINES.map((value) => ({ value, label: labelOf('inboxDue', value) })),
        },
    ];
    orders = ORDERS.map((value) => ({ value, label: labelOf('inboxSort', value) }));
    source = { search: inbox, row: (item) => this.row(item) };

    @wire(CurrentPageReference)
    opened(reference) {
        const due = reference?.state?.c__due;
        if (DEADLINES.includes(due)) this.opening = { due };
    }

    get heading() {
        return this.total ? format(labels.tasksCount, this.total) : labels.myDecisions;
    }

    refresh() {
        this.template.querySelector('c-tandem-list').refresh();
    }

    found(event) {
        this.rows = event.detail.rows;
        this.total = event.detail.total;
    }

    async row(item) {
        const { request } = item;
        return {
            key: `${request.id}/${item.step}`,
            id: request.id,
            number: request.number,
            state: request.state,
            words: request.state_words,
            title: titleOf(request),
            partner: request.partner_name,
            step: item.on_behalf_of ? format(labels.onBehalf, item.step_title, item.on_behalf_of) : item.step_title,
            amountText: money(request.amount, request.currency),
            waiting: format(labels.since, moment(item.since)),
            due: item.due ? format(labels.due, moment(item.due)) : '',
            overdue: item.overdue,
            url: await this[NavigationMixin.GenerateUrl](requestTab(request.id)),
        };
    }

    open(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](requestTab(event.currentTarget.dataset.id));
    }
}
