import { LightningElement, api, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin } from 'lightning/navigation';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import CURRENCY from '@salesforce/i18n/currency';
import edit from '@salesforce/apex/DealController.edit';
import register from '@salesforce/apex/DealController.register';
import show from '@salesforce/apex/DealController.show';
import submit from '@salesforce/apex/DealController.submit';
import { dealForm } from 'c/dealForm';
import { explain } from 'c/tandemErrors';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

/** Register a deal, or go on with a draft of it (`?dealId=…`). */
export default class DealRegister extends NavigationMixin(LightningElement) {
    @api dealPage = 'Deal__c';
    labels = labels;
    description = dealForm();
    values = { currency: CURRENCY };
    dealId;
    error;
    fieldErrors;
    busy = false;
    ready = false;
    // The same key for each try of one registration: a lost answer does not make a second deal.
    attempt = key();

    @wire(CurrentPageReference)
    opened(reference) {
        const dealId = reference?.state?.dealId;
        if (this.ready && dealId === this.dealId) return;
        this.dealId = dealId;
        this.load();
    }

    get draftName() {
        return `deal:${this.dealId ?? 'new'}`;
    }
    get heading() {
        return this.dealId ? labels.dealContinue : labels.dealRegister;
    }
    get loading() {
        return !this.ready && !this.loadError;
    }

    async load() {
        this.loadError = undefined;
        this.error = undefined;
        if (!this.dealId) {
            this.ready = true;
            return;
        }
        this.ready = false;
        try {
            const deal = await show({ dealId: this.dealId });
            if (!deal.actions.includes('submit')) {
                this.open(deal.id, true);
                return;
            }
            const names = this.description.sections.flatMap((section) => section.fields.map((field) => field.name));
            this.values = Object.fromEntries(names.map((name) => [name, deal[name] ?? '']));
            this.ready = true;
        } catch (error) {
            this.loadError = error;
        }
    }
    loadError;

    submitted(event) {
        return this.send(event.detail.values, true);
    }

    saved(event) {
        return this.send(event.detail.values, false);
    }

    async send(values, handIn) {
        this.busy = true;
        this.error = undefined;
        this.fieldErrors = undefined;
        try {
            const deal = await this.arrive(values, handIn);
            this.refs.form.sent();
            this.attempt = key();
            const title = format(handIn ? labels.dealSubmitted : labels.dealSaved, deal.number);
            this.dispatchEvent(
                new ShowToastEvent({
                    title,
                    message: deal.conflicts?.length ? labels.dealOverlapsToast : '',
                    variant: deal.conflicts?.length ? 'warning' : 'success',
                }),
            );
            this.open(deal.id);
        } catch (error) {
            this.error = error;
            this.fieldErrors = explain(error).fields;
        } finally {
            this.busy = false;
        }
    }

    async arrive(values, handIn) {
        if (!this.dealId) return register({ values, submit: handIn, key: `${this.attempt}-${handIn ? 'submit' : 'draft'}` });
        const saved = await edit({ dealId: this.dealId, values });
        return handIn ? submit({ dealId: this.dealId }) : saved;
    }

    open(dealId, replace) {
        this[NavigationMixin.Navigate]({ type: 'comm__namedPage', attributes: { name: this.dealPage }, state: { dealId } }, replace);
    }
}

function key() {
    return globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
