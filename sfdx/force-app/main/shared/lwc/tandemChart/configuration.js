import LOCALE from '@salesforce/i18n/locale';

const MILLISECONDS = 300;
/** The design system's tokens, with what they are where a page has none. */
const COLOURS = {
    bar: ['--slds-g-color-brand-base-50', '#0176d3'],
    words: ['--slds-g-color-neutral-base-30', '#444444'],
    line: ['--slds-g-color-neutral-base-90', '#e5e5e5'],
};

/**
 * What Chart.js draws: horizontal bars, each named with its figure, over an axis of whole numbers with its unit.
 *
 * rows: [{label, figure, value}]; host: the element whose letters and tokens count.
 */
export function configuration(rows, unit, host) {
    const style = getComputedStyle(host);
    const colour = (name) => style.getPropertyValue(COLOURS[name][0]).trim() || COLOURS[name][1];
    const words = { color: colour('words'), font: { family: style.fontFamily || 'sans-serif', size: 13 } };
    const still = window.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
    return {
        type: 'bar',
        data: {
            labels: rows.map(({ label, figure }) => `${label} (${figure})`),
            datasets: [{ label: unit, data: rows.map(({ value }) => value), backgroundColor: colour('bar'), maxBarThickness: 20 }],
        },
        options: {
            indexAxis: 'y',
            locale: LOCALE,
            responsive: true,
            maintainAspectRatio: false,
            animation: still ? false : { duration: MILLISECONDS },
            plugins: { legend: { display: false } },
            scales: {
                x: {
                    beginAtZero: true,
                    title: { display: true, text: unit, ...words },
                    ticks: { precision: 0, ...words },
                    grid: { color: colour('line') },
                },
                y: { ticks: { autoSkip: false, ...words }, grid: { display: false } },
            },
        },
    };
}
