import { LightningElement, api } from 'lwc';
import { ShowToastEvent } from 'lightning/platformShowToastEvent';
import changeRole from '@salesforce/apex/PartnerController.changeRole';
import { labelOf, labels } from 'c/partnerLabels';

const ROLES = ['seller', 'admin', 'finance'];

/**
 * The company's people and their roles, which its administrators give and take.
 *
 * people: as the API has them; admin: whether the reader administers the company. Fires `changed` {partner}.
 */
export default class PartnerPeople extends LightningElement {
    @api people = [];
    @api admin = false;
    labels = labels;
    error;
    busy = false;

    get help() {
        return this.admin ? labels.personAdminHelp : labels.personHelp;
    }
    get rows() {
        return this.people.map((one) => ({
            ...one,
            access: one.signs_in ? labels.yes : labels.no,
            roleWords: one.roles.map((role) => labelOf('role', role) ?? role).join(', ') || '–',
            choices: ROLES.map((role) => ({
                key: `${one.id}-${role}`,
                role,
                label: labelOf('role', role),
                held: one.roles.includes(role),
                // Who signs in sells; an administrator has to sign in.
                fixed: this.busy || (role === 'seller' && one.signs_in) || (role === 'admin' && !one.signs_in),
            })),
        }));
    }

    async changed(event) {
        const box = event.target;
        const { person, role } = box.dataset;
        const { checked } = event.detail;
        this.busy = true;
        this.error = undefined;
        try {
            const partner = await changeRole({ personId: person, role, take: !checked });
            this.dispatchEvent(new ShowToastEvent({ title: labels.personSaved, variant: 'success' }));
            this.dispatchEvent(new CustomEvent('changed', { detail: { partner } }));
        } catch (error) {
            this.error = error;
            box.checked = !checked;
        } finally {
            this.busy = false;
        }
    }
}
