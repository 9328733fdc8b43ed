import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import company from '@salesforce/apex/PartnerController.company';
import me from '@salesforce/apex/UserController.me';
import LOCALE from '@salesforce/i18n/locale';
import { labelOf, labels } from 'c/partnerLabels';
import { explain } from 'c/tandemErrors';
import { day, daysUntil, format, moment } from 'c/tandemFormat';
import { sitePage } from 'c/tandemPages';

/** The own company: where the partnership stands, level and onboarding, agreements, people, certifications. */
export default class PartnerCompany extends NavigationMixin(LightningElement) {
    @api applyPage = 'Apply__c';
    labels = labels;
    person;
    partner;
    error;
    isNone = false;
    loading = true;

    connectedCallback() {
        this.load();
    }

    get status() {
        return labelOf('partnerStatus', this.partner.status) ?? this.partner.status_words;
    }
    get isAdmin() {
        return this.partner.people.some((one) => one.id === this.person.user_id && one.roles.includes('admin'));
    }
    get admins() {
        return this.partner.people.filter((one) => one.roles.includes('admin')).map((one) => one.name);
    }
    get facts() {
        const { partner } = this;
        return [
            { key: 'kind', label: labels.companyKind, value: labelOf('kind', partner.kind) ?? partner.kind },
            { key: 'since', label: labels.companySince, value: day(partner.since) || '–' },
            { key: 'level', label: labels.level, value: partner.level_name || '–', ...this.whySo(partner.level, partner.levels) },
            { key: 'activation', label: labels.onboarding, value: partner.activation_name || '–', ...this.whySo(partner.activation, partner.activations) },
            { key: 'region', label: labels.companyRegion, value: partner.region_name || '–' },
            { key: 'countries', label: labels.companyCountries, value: this.countries || '–' },
            { key: 'leads', label: labels.companyLeads, value: this.ofCapacity(partner.open_leads, partner.lead_capacity) },
            { key: 'deals', label: labels.companyDeals, value: this.ofCapacity(partner.open_deals, partner.deal_capacity) },
            { key: 'manager', label: labels.companyManager, value: partner.manager || '–' },
        ];
    }
    get countries() {
        const names = new Intl.DisplayNames([LOCALE], { type: 'region' });
        return this.partner.countries.map((code) => names.of(code)).join(', ');
    }
    get hasAgreements() {
        const { waiting, accepted } = this.partner.agreements;
        return waiting.length + accepted.length > 0;
    }
    get accepted() {
        return this.partner.agreements.accepted.map((one) => ({
            key: one.version_id,
            words: format(labels.agreementBy, format(labels.agreementVersion, one.title, one.version), one.user_name, moment(one.accepted_at)),
            rows: [
                { label: labels.agreementName, value: one.name_typed },
                { label: labels.agreementLanguage, value: one.language },
                { label: 'SHA-256', value: one.sha256 },
            ],
        }));
    }
    get stages() {
        return this.partner.activations
            .filter((one) => !one.superseded)
            .map((one, key) => ({ key, words: format(labels.onboardingSince, one.name, day(one.start)) }));
    }
    get certifications() {
        return this.partner.certifications.map((one) => ({
            ...one,
            whose: one.person || this.partner.name,
            untilText: one.until ? day(dayBefore(one.until)) : '–',
            stateWords: [labelOf('certificate', one.state) ?? one.state, one.revoke_reason].filter(Boolean).join(': '),
        }));
    }
    get noCertifications() {
        return !this.partner.certifications.length;
    }
    /** The timeline of the API begins with the newest line; the component turns it round. */
    get events() {
        return [...this.partner.timeline].reverse();
    }

    /** Why it is this level or stage: who set it, when, and for what reason. */
    whySo(key, periods) {
        const [period] = periods
            .filter((one) => one.key === key && !one.superseded && daysUntil(one.start) <= 1)
            .sort((a, b) => b.start.localeCompare(a.start));
        if (!period) return {};
        return {
            question: labels.why,
            summary: period.reason,
            rows: [
                { label: labels.companySetBy, value: period.set_by },
                { label: labels.companySetAt, value: moment(period.set_at) },
                { label: labels.companyFrom, value: day(period.start) },
                period.until && { label: labels.companyUntil, value: day(dayBefore(period.until)) },
                period.plan && { label: labels.companyPlan, value: period.plan },
            ].filter(Boolean),
        };
    }

    ofCapacity(open, capacity) {
        return capacity === null ? String(open) : format(labels.progressFigure, open, capacity);
    }

    async load() {
        this.loading = true;
        this.error = undefined;
        this.isNone = false;
        try {
            [this.person, this.partner] = await Promise.all([me(), company()]);
        } catch (error) {
            this.isNone = explain(error).status === 404;
            if (!this.isNone) this.error = error;
        } finally {
            this.loading = false;
        }
    }

    taken(event) {
        this.partner = event.detail.partner;
    }

    apply() {
        this[NavigationMixin.Navigate](sitePage(this.applyPage));
    }
}

/** The last day of a period that ends before a day. */
function dayBefore(date) {
    return new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
}
