import TandemTable from 'c/tandemTable';
import { all, clear, find, mount, settled, text } from '../../../../../../unit/page';

const COLUMNS = [
    { key: 'name', label: 'Name', sort: 'name' },
    { key: 'state', label: 'State' },
    { key: 'amount', label: 'Amount', sort: 'amount', amount: true },
];
const ROWS = [
    { id: '1', name: 'DR-1', url: '/1', cells: { name: { text: 'DR-1', link: true, detail: 'Acme' }, state: { text: 'Won', state: 'won', warning: 'Overlaps' }, amount: 'USD 1.00' } },
    { id: '2', name: 'DR-2', record: 'Line 4', cells: { name: { text: 'DR-2', note: 'new' }, state: '', amount: '' } },
];

afterEach(clear);

async function shown(properties = {}) {
    const element = mount('c-tandem-table', TandemTable, { columns: COLUMNS, rows: ROWS, sort: 'name', ...properties });
    await settled();
    return element;
}

it('names each row by its first cell, and leads to those that have a page', async () => {
    const element = await shown();
    expect(all(element, '[role=rowheader]').map((cell) => cell.textContent)).toEqual(['DR-1Acme', 'DR-2new']);
    expect(all(element, 'tr[data-row]').map((row) => row.dataset.record)).toEqual([undefined, 'Line 4']);
    expect(find(element, 'lightning-icon[title=Overlaps]')).toBeTruthy();
    expect(text(element)).toContain('USD 1.00');
    const opened = jest.fn();
    element.addEventListener('open', ({ detail }) => opened(detail));
    all(element, 'a').forEach((link) => link.click());
    expect(opened.mock.calls).toEqual([[{ id: '1' }]]);
    await expect(element).toBeAccessible();
});

it('turns the order by a head, and another one begins upwards', async () => {
    const element = await shown();
    const turned = jest.fn();
    element.addEventListener('turn', ({ detail }) => turned(detail.sort));
    expect(all(element, 'th').map((head) => head.getAttribute('aria-sort'))).toEqual(['ascending', null, null]);
    expect(find(element, '[data-sort=state]')).toBeNull();
    find(element, '[data-sort=name]').click();
    find(element, '[data-sort=amount]').click();
    element.sort = '-amount';
    await settled();
    find(element, '[data-sort=amount]').click();
    expect(turned.mock.calls).toEqual([['-name'], ['amount'], ['amount']]);
    expect(all(element, 'th').map((head) => head.getAttribute('aria-sort'))).toEqual([null, null, 'descending']);
});
