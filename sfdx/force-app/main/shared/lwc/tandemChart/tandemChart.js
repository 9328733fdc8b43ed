import { LightningElement, api } from 'lwc';
import { loadScript } from 'lightning/platformResourceLoader';
import LOCALE from '@salesforce/i18n/locale';
import CHARTJS from '@salesforce/resourceUrl/chartjs';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';
import { configuration } from './configuration';

const ROW = 32;
const AXIS = 56;

/**
 * Labelled values as bars, and the same as a table.
 *
 * heading: what is measured; unit: of the values, beside the axis and above the column; rowHead: what the labels
 * are; items: [{key, label, value, url}], `url` where a row of the table leads on. Fires `open` {key}. Where the
 * bars cannot be drawn the table stands alone, with a sentence.
 */
export default class TandemChart extends LightningElement {
    @api heading;
    @api unit;
    @api rowHead;
    labels = labels;
    isTable = false;
    failed = false;
    ready = false;
    given = [];
    chart;

    @api get items() {
        return this.given;
    }
    set items(items) {
        this.given = items ?? [];
        this.erase();
    }

    connectedCallback() {
        this.load();
    }

    disconnectedCallback() {
        this.erase();
    }

    renderedCallback() {
        this.draw();
    }

    get drawable() {
        return !this.failed;
    }
    get drawn() {
        return this.drawable && !this.isTable;
    }
    get pressed() {
        return String(this.isTable);
    }
    get height() {
        return `height: ${this.given.length * ROW + AXIS}px`;
    }
    get rows() {
        const number = new Intl.NumberFormat(LOCALE);
        return this.given.map((one) => ({ ...one, figure: number.format(one.value) }));
    }
    /** What the picture shows, for those who hear it. */
    get sentence() {
        const told = this.rows.map(({ label, figure }) => `${label}: ${figure}`);
        return format(labels.chartSentence, this.heading, new Intl.ListFormat(LOCALE, { type: 'unit' }).format(told), this.unit);
    }

    async load() {
        try {
            await loadScript(this, CHARTJS);
            this.ready = true;
            this.draw();
        } catch {
            this.failed = true;
        }
    }

    toggle() {
        this.erase();
        this.isTable = !this.isTable;
    }

    draw() {
        const canvas = this.refs?.canvas;
        if (!this.ready || this.chart || !canvas?.isConnected) return;
        try {
            this.chart = new window.Chart(canvas, configuration(this.rows, this.unit, this.template.host));
        } catch {
            this.failed = true;
        }
    }

    erase() {
        this.chart?.destroy();
        this.chart = undefined;
    }

    open(event) {
        event.preventDefault();
        this.dispatchEvent(new CustomEvent('open', { detail: { key: event.currentTarget.dataset.key } }));
    }
}
