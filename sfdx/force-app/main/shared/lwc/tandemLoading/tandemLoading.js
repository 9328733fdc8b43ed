import { LightningElement, api } from 'lwc';
import { labels } from 'c/tandemLabels';

/** The outline of what is coming. rows: how many lines. */
export default class TandemLoading extends LightningElement {
    @api rows = 4;
    labels = labels;

    get lines() {
        return Array.from({ length: Number(this.rows) }, (_, index) => ({ key: index, class: `bar width-${index % 4}` }));
    }
}
