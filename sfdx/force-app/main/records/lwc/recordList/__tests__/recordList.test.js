import { getNavigateCalledWith } from 'lightning/navigation';
import search from '@salesforce/apex/RecordController.search';
import RecordList from 'c/recordList';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RecordController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const record = (name, more = {}) => ({
    object: 'Opportunity', id: name, sf_id: '006000000000001AAA', name, detail: 'Acme', state: 'Prospecting', owner: 'Robin', partners: [{ id: 'p', name: 'Lone Star' }],
    amount: '10.00', currency: 'USD', day: '2031-03-14', closed: false, registration_number: '', approval_status: '', changed_at: '2026-11-22T10:00:00Z', ...more,
});
const page = (items, more = {}) => ({ items, next: null, total: items.length, counts: { assigned: 1, unassigned: 2 }, ...more });

afterEach(() => {
    clear();
    jest.useRealTimers();
});
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const named = (element, name) => all(element, 'lightning-input, lightning-select').find((one) => one.name === name);
const change = (node, detail) => node.dispatchEvent(new CustomEvent('change', { detail }));

async function shown(answer, properties = {}) {
    search.mockResolvedValueOnce(answer);
    const element = mount('c-record-list', RecordList, properties);
    await settled();
    await settled();
    return element;
}

it('lists records with their partner, and leads to each', async () => {
    const element = await shown(page([record('Line 4'), record('New one', { sf_id: '', partners: [] })]));
    expect(all(element, '[data-record]').map((row) => row.dataset.record)).toEqual(['Line 4', 'New one']);
    expect(text(element)).toContain('Lone Star');
    expect(text(element)).toContain('c.Tandem_RecordsNew');
    expect(named(element, 'which').options.map(({ label }) => label)[0]).toBe('c.Tandem_RecordsWhich_all (3)');
    expect(all(element, '[data-record] a')).toHaveLength(1);
    expect(all(element, '[role=rowheader]').map((cell) => cell.textContent)).toEqual(['Line 4Acme', 'New onec.Tandem_RecordsNewAcme']);
    find(element, '[data-record] a').click();
    expect(getNavigateCalledWith().pageReference.attributes).toEqual({ objectApiName: 'Opportunity', recordId: '006000000000001AAA', actionName: 'view' });
    await expect(element).toBeAccessible();
});

it('filters, sorts and pages by the server, and keeps the filter for the next visit', async () => {
    const element = await shown(page([record('A')], { next: 'c2', total: 2 }), { objectApiName: 'Lead', pageSize: 1 });
    search.mockResolvedValue(page([record('B')], { total: 2 }));
    button(element, 'c.Tandem_Next').click();
    await settled();
    expect(search).toHaveBeenLastCalledWith({ objectApiName: 'Lead', q: '', partner: '', assigned: null, mine: false, sortBy: 'name', pageSize: 1, cursor: 'c2' });
    button(element, 'c.Tandem_Previous').click();
    await settled();
    change(named(element, 'which'), { value: 'assigned' });
    change(named(element, 'sort'), { value: '-changed' });
    change(named(element, 'mine'), { checked: true });
    await settled();
    jest.useFakeTimers();
    change(named(element, 'partner'), { value: 'Lone' });
    jest.runAllTimers();
    await settled();
    const asked = { objectApiName: 'Lead', q: '', partner: 'Lone', assigned: true, mine: true, sortBy: '-changed', pageSize: 1, cursor: null };
    expect(search).toHaveBeenLastCalledWith(asked);
    const again = mount('c-record-list', RecordList, { objectApiName: 'Lead', pageSize: 1 });
    await settled();
    expect(search).toHaveBeenLastCalledWith(asked);
    expect(find(again, 'lightning-card').title).toBe('c.Tandem_Records_Lead');
});

it('says that there is nothing, that nothing matches, or that the service is away', async () => {
    const element = await shown(page([]));
    expect(text(element)).toContain('c.Tandem_RecordsEmptyHelp');
    search.mockResolvedValueOnce(page([]));
    change(named(element, 'mine'), { checked: true });
    await settled();
    expect(text(element)).toContain('c.Tandem_DealsNotFound');
    search.mockRejectedValueOnce(problem(503));
    button(element, 'c.Tandem_ClearFilters').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});
