import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import home from '@salesforce/apex/RecordController.home';
import { labelOf, labels } from 'c/recordLabels';
import { day, format, moment } from 'c/tandemFormat';
import { dealTab, recordPage, requestTab, tab } from 'c/tandemPages';

const LOOKS = {
    overdue: ['utility:warning', 'error'],
    today: ['utility:clock', 'warning'],
    stuck: ['utility:error', 'error'],
    conflicts: ['utility:sync', 'warning'],
    expiring: ['utility:date_input', ''],
    overlaps: ['utility:merge', 'warning'],
};
/** Where all of a number are; records are reached one by one. */
const ALL = {
    overdue: tab('Tandem_Home', { c__due: 'overdue' }),
    today: tab('Tandem_Home', { c__due: 'today' }),
    expiring: tab('Tandem_Deals'),
    overlaps: tab('Tandem_Deals'),
};

/** What is overdue, due today, about to end, overlapping or out of sync, each with the way to its action. */
export default class ChannelHome extends NavigationMixin(LightningElement) {
    labels = labels;
    tiles;
    error;

    connectedCallback() {
        this.load();
    }

    get loading() {
        return !this.tiles && !this.error;
    }

    @api async load() {
        this.error = undefined;
        try {
            const found = await home();
            this.tiles = await Promise.all(found.tiles.map((tile) => this.tile(tile, found.expiring_within_days)));
        } catch (error) {
            this.tiles = undefined;
            this.error = error;
        }
    }

    async tile({ key, count, at_least: atLeast, items }, days) {
        const [icon, variant] = LOOKS[key];
        return {
            key,
            icon,
            variant: count ? variant : '',
            class: `slds-box slds-box_x-small tile ${items.length ? 'wide' : ''}`,
            title: format(labelOf('tile', key), days),
            count: atLeast ? format(labels.tileAtLeast, count) : count,
            more: count > items.length ? format(labels.tileMore, count - items.length) : '',
            url: count && ALL[key] ? await this[NavigationMixin.GenerateUrl](ALL[key]) : undefined,
            items: await Promise.all(items.map((item, index) => this.item(item, `${key}/${index}`))),
        };
    }

    async item(item, key) {
        const page = pageOf(item);
        return {
            key,
            page,
            title: item.title,
            note: item.note,
            when: item.day ? day(item.day) : moment(item.at),
            url: page && (await this[NavigationMixin.GenerateUrl](page)),
        };
    }

    open(event) {
        event.preventDefault();
        const { key } = event.currentTarget.dataset;
        const items = this.tiles.flatMap((tile) => tile.items);
        this[NavigationMixin.Navigate](items.find((one) => one.key === key).page);
    }

    all(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate](ALL[event.currentTarget.dataset.key]);
    }
}

function pageOf({ request_id: requestId, deal_id: dealId, record }) {
    if (requestId) return requestTab(requestId);
    if (dealId) return dealTab(dealId);
    return record ? recordPage(record.object, record.sf_id) : undefined;
}
