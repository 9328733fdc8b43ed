import { LightningElement, api } from 'lwc';
import { go, urlOf } from 'preview/router';
import { RECORDS } from 'preview/pages';
import { day, moment, money } from 'c/tandemFormat';
import { get, part } from '../../../gateway/apex.js';

const ICONS = {
    Account: 'standard:account',
    Lead: 'standard:lead',
    Opportunity: 'standard:opportunity',
    Approval_Request__c: 'standard:approval',
};
const pageOf = ({ object, sf_id: recordId }) => ({
    type: 'standard__recordPage',
    attributes: { objectApiName: object, recordId, actionName: 'view' },
});

/** `close_date` → “Close date”. */
const titled = (key) => key[0].toUpperCase() + key.slice(1).replaceAll('_', ' ');

/** A record page: what Lightning itself shows of a record, and Tandem's components as an org places them. */
export default class Record extends LightningElement {
    @api objectApiName;
    @api recordId;
    record;
    error;

    connectedCallback() {
        this.load();
    }

    get loading() {
        return !this.record && !this.error;
    }
    get icon() {
        return ICONS[this.objectApiName];
    }
    get fields() {
        return this.record.fields.map((one) => ({
            key: one.key,
            label: titled(one.key),
            text: { money: () => money(one.value, one.currency), date: () => day(one.value), moment: () => moment(one.value) }[one.kind]?.() ?? one.value,
            record: one.record,
            url: one.record?.sf_id ? urlOf(pageOf(one.record)) : undefined,
        }));
    }
    get main() {
        return this.placed('main');
    }
    get side() {
        return this.placed('side');
    }

    placed(region) {
        const { objectApiName, recordId } = this;
        return RECORDS[objectApiName][region].map((component) => [component, { objectApiName, recordId }]);
    }

    async load() {
        this.error = undefined;
        try {
            this.record = await get(`/api/records/${part(this.objectApiName)}/${part(this.recordId)}`);
        } catch (error) {
            this.record = undefined;
            this.error = error;
        }
    }

    open(event) {
        event.preventDefault();
        go(pageOf(this.record.fields.find((one) => one.key === event.currentTarget.dataset.key).record));
    }
}
