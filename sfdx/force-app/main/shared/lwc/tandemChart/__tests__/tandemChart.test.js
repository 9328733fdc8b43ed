import { loadScript } from 'lightning/platformResourceLoader';
import TandemChart from 'c/tandemChart';
import { all, clear, find, mount, settled, text } from '../../../../../../unit/page';

jest.mock('lightning/platformResourceLoader', () => ({ loadScript: jest.fn() }), { virtual: true });

const ITEMS = [
    { key: 'submitted', label: 'Submitted', value: 1200, url: '/deals?state=submitted' },
    { key: 'won', label: 'Won', value: 3 },
];
const GIVEN = { heading: 'Deals by state', unit: 'Deals', rowHead: 'State', items: ITEMS };
let drawn;

beforeEach(() => {
    drawn = [];
    loadScript.mockResolvedValue();
    window.Chart = jest.fn(function draw(canvas, told) {
        Object.assign(this, { canvas, told, destroy: jest.fn() });
        drawn.push(this);
    });
});
afterEach(() => {
    clear();
    delete window.Chart;
    delete window.matchMedia;
});

async function chart(more = {}) {
    const element = mount('c-tandem-chart', TandemChart, { ...GIVEN, ...more });
    await settled();
    return element;
}
const rows = (element) => all(element, 'tr[data-row]').map(text);

it('draws a bar for each value, with its figure, the unit at the axis, and a sentence for those who hear it', async () => {
    const element = await chart();
    expect(loadScript).toHaveBeenCalledWith(expect.anything(), 'chartjs');
    const [{ told, canvas }] = drawn;
    expect(canvas.tagName).toBe('CANVAS');
    expect(told.type).toBe('bar');
    expect(told.options.indexAxis).toBe('y');
    expect(told.data.labels).toEqual(['Submitted (1,200)', 'Won (3)']);
    expect(told.data.datasets[0].data).toEqual([1200, 3]);
    expect(told.options.scales.x.title.text).toBe('Deals');
    expect(told.options.animation).toEqual({ duration: 300 });
    expect(find(element, '[role=img]').getAttribute('aria-label')).toBe('c.Tandem_ChartSentence');
    expect(find(element, 'table')).toBeNull();
    await expect(element).toBeAccessible();
});

it('shows the same figures as a table, whose rows lead on, and draws again on the way back', async () => {
    const element = await chart();
    const button = find(element, '[data-action=table]');
    button.click();
    await settled();
    expect(drawn[0].destroy).toHaveBeenCalledTimes(1);
    expect(find(element, '[role=img]')).toBeNull();
    expect(rows(element)).toEqual(['Submitted 1,200', 'Won 3']);
    expect(button.getAttribute('aria-pressed')).toBe('true');
    const opened = jest.fn();
    element.addEventListener('open', (event) => opened(event.detail));
    all(element, 'table a').forEach((link) => link.click());
    expect(opened.mock.calls).toEqual([[{ key: 'submitted' }]]);
    await expect(element).toBeAccessible();
    button.click();
    await settled();
    expect(drawn).toHaveLength(2);
});

it('holds still for whoever asked for less motion', async () => {
    window.matchMedia = (query) => ({ matches: query === '(prefers-reduced-motion: reduce)' });
    await chart();
    expect(drawn[0].told.options.animation).toBe(false);
});

it('draws anew what has changed, and leaves nothing behind', async () => {
    const element = await chart();
    element.items = [{ key: 'lost', label: 'Lost', value: 1 }];
    await settled();
    expect(drawn[0].destroy).toHaveBeenCalledTimes(1);
    expect(drawn[1].told.data.labels).toEqual(['Lost (1)']);
    document.body.removeChild(element);
    expect(drawn[1].destroy).toHaveBeenCalledTimes(1);
});

it('draws nothing for a page that was left before the script came', async () => {
    let come;
    loadScript.mockReturnValue(new Promise((resolve) => { come = resolve; }));
    const element = await chart();
    document.body.removeChild(element);
    come();
    await settled();
    expect(drawn).toEqual([]);
});

it.each([
    ['cannot be loaded', () => loadScript.mockRejectedValue(new Error('404'))],
    ['cannot draw', () => window.Chart.mockImplementation(() => { throw new Error('no canvas'); })],
])('shows the table with a sentence where the script %s', async (_, trouble) => {
    trouble();
    const element = await chart();
    expect(text(find(element, '[data-part=undrawn]'))).toBe('c.Tandem_ChartUndrawn');
    expect(rows(element)).toEqual(['Submitted 1,200', 'Won 3']);
    expect(find(element, '[data-action=table]')).toBeNull();
    await expect(element).toBeAccessible();
});
