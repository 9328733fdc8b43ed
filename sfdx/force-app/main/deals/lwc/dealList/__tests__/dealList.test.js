import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import exportCsv from '@salesforce/apex/DealController.exportCsv';
import search from '@salesforce/apex/DealController.search';
import opportunities from '@salesforce/apex/DealController.opportunities';
import DealList from 'c/dealList';
import OpportunityList from 'c/opportunityList';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/DealController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.opportunities', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.exportCsv', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const deal = (number, more = {}) => ({
    id: number, number, state: 'submitted', state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', customer_name: 'Acme', partner_name: 'Lone Star',
    amount: '1.00', currency: 'USD', close_date: '2027-03-14', protected_until: null, overlaps: false, ...more,
});
const page = (items, more = {}) => ({ items, next: null, total: items.length, counts: { submitted: items.length }, ...more });

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
    jest.useRealTimers();
    clear();
});
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const change = (element, selector, value) => find(element, selector).dispatchEvent(new CustomEvent('change', { detail: { value } }));

async function list(properties = {}) {
    const element = mount('c-deal-list', DealList, properties);
    await settled();
    await settled();
    return element;
}

it('shows the page that the server gives, and goes to the next one and back', async () => {
    search.mockResolvedValue(page([deal('DR-1', { overlaps: true })], { next: 'cursor', total: 21 }));
    const element = await list();
    expect(all(element, 'tr[data-row]').map((row) => row.dataset.row)).toEqual(['DR-1']);
    button(element, 'c.Tandem_Next').click();
    await settled();
    expect(search).toHaveBeenLastCalledWith({ state: null, q: '', sortBy: '-created', pageSize: 20, cursor: 'cursor' });
    button(element, 'c.Tandem_Previous').click();
    await settled();
    expect(search).toHaveBeenLastCalledWith({ state: null, q: '', sortBy: '-created', pageSize: 20, cursor: null });
    jest.useRealTimers();
    await expect(element).toBeAccessible();
});

it('searches once for many keystrokes, filters by state, and remembers both', async () => {
    search.mockResolvedValue(page([deal('DR-1')]));
    const element = await list();
    change(element, 'lightning-input', 'A');
    change(element, 'lightning-input', 'Ac');
    jest.runAllTimers();
    await settled();
    expect(search).toHaveBeenCalledTimes(2);
    search.mockResolvedValue(page([]));
    change(element, 'lightning-select', 'won');
    await settled();
    expect(search).toHaveBeenLastCalledWith({ state: 'won', q: 'Ac', sortBy: '-created', pageSize: 20, cursor: null });
    expect(text(element)).toContain('c.Tandem_DealsNotFound');
    document.body.removeChild(element);
    const again = await list();
    expect(search).toHaveBeenLastCalledWith({ state: 'won', q: 'Ac', sortBy: '-created', pageSize: 20, cursor: null });
    button(again, 'c.Tandem_ClearFilters').click();
    await settled();
    expect(search).toHaveBeenLastCalledWith({ state: null, q: '', sortBy: '-created', pageSize: 20, cursor: null });
});

it('begins with the state that the address names, without forgetting the filter of the last visit', async () => {
    search.mockResolvedValue(page([deal('DR-1')]));
    const element = await list({ company: true });
    change(element, 'lightning-select', 'won');
    await settled();
    CurrentPageReference.emit({ state: { c__state: 'lost' } });
    await settled();
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'lost', cursor: null }));
    CurrentPageReference.emit({ state: { c__state: 'nonsense' } });
    await settled();
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'lost' }));
    document.body.removeChild(element);
    CurrentPageReference.emit({ state: {} });
    await list({ company: true });
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'won' }));
});

it('says how to start where there is nothing, and opens a deal', async () => {
    search.mockResolvedValue(page([]));
    const element = await list();
    expect(text(element)).toContain('c.Tandem_DealsEmpty');
    button(element, 'c.Tandem_DealRegister').click();
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Register_Deal__c');
    clear();
    search.mockResolvedValue(page([deal('DR-1')]));
    const theirs = await list({ company: true });
    find(theirs, 'tr[data-row] a').click();
    expect(getNavigateCalledWith().pageReference).toEqual({ type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deal' }, state: { c__dealId: 'DR-1' } });
});

it('is ordered by the server, by its head or by choice, and keeps the order', async () => {
    search.mockResolvedValue(page([deal('DR-1')]));
    const element = await list();
    const head = () => find(element, '[data-sort=amount]');
    head().click();
    await settled();
    expect(search).toHaveBeenLastCalledWith({ state: null, q: '', sortBy: 'amount', pageSize: 20, cursor: null });
    expect(head().closest('th').getAttribute('aria-sort')).toBe('ascending');
    head().click();
    await settled();
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ sortBy: '-amount' }));
    all(element, 'lightning-select')[1].dispatchEvent(new CustomEvent('change', { detail: { value: 'close' } }));
    await settled();
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ sortBy: 'close' }));
    document.body.removeChild(element);
    await list();
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ sortBy: 'close' }));
});

it('keeps filters under names, takes one up again, and forgets it when told so', async () => {
    search.mockResolvedValue(page([deal('DR-1')]));
    const element = await list();
    expect(button(element, 'c.Tandem_ViewSave')).toBeUndefined();
    change(element, 'lightning-select', 'won');
    await settled();
    button(element, 'c.Tandem_ViewSave').click();
    await settled();
    all(element, 'lightning-input').find((one) => one.name === 'view-name').dispatchEvent(new CustomEvent('change', { detail: { value: ' Won ones ' } }));
    await settled();
    find(element, '[data-action=save-view]').click();
    await settled();
    change(element, 'lightning-select', '');
    await settled();
    const views = () => all(element, 'lightning-select').find((one) => one.name === 'view');
    views().dispatchEvent(new CustomEvent('change', { detail: { value: 'Won ones' } }));
    await settled();
    expect(search).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'won' }));
    jest.setSystemTime(Date.now() + 40 * 86_400_000);
    document.body.removeChild(element);
    const again = await list();
    expect(all(again, 'lightning-select').find((one) => one.name === 'view').options.map((one) => one.value)).toEqual(['', 'Won ones']);
    all(again, 'lightning-select').find((one) => one.name === 'view').dispatchEvent(new CustomEvent('change', { detail: { value: 'Won ones' } }));
    await settled();
    button(again, 'c.Tandem_ViewRemove').click();
    await settled();
    expect(all(again, 'lightning-select')).toHaveLength(2);
});

it('lists the opportunities of the own company, and leads to the deal that one came from', async () => {
    const one = (name, more) => ({ id: name, name, stage: 'Prospecting', state: 'open', amount: '5.00', currency: 'EUR', close_date: '2031-01-01', deal_id: null, registration_number: '', protected_until: null, ...more });
    opportunities.mockResolvedValue(page([one('Assigned'), one('Registered', { deal_id: 'd1', registration_number: 'DR-1' })]));
    const element = mount('c-opportunity-list', OpportunityList);
    await settled();
    await settled();
    expect(all(element, 'tr[data-row] a').map((link) => link.textContent)).toEqual(['Registered']);
    find(element, 'tr[data-row] a').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ dealId: 'd1' });
    button(element, 'c.Tandem_DealRegister').click();
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Register_Deal__c');
    jest.useRealTimers();
    await expect(element).toBeAccessible();
});

it('exports the whole search, and says so when it may not', async () => {
    search.mockResolvedValue(page([deal('DR-1')]));
    exportCsv.mockResolvedValue('number\r\nDR-1\r\n');
    URL.createObjectURL = jest.fn(() => 'blob:x');
    URL.revokeObjectURL = jest.fn();
    const click = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
    const element = await list();
    button(element, 'c.Tandem_ExportCsv').click();
    await settled();
    expect(exportCsv).toHaveBeenCalledWith({ state: null, q: '' });
    expect(click).toHaveBeenCalled();
    click.mockRestore();
    exportCsv.mockRejectedValue(problem(403, 'You may not take the list along.'));
    button(element, 'c.Tandem_ExportCsv').click();
    await settled();
    expect(text(element)).toContain('You may not take the list along.');
});

it('says that the service is away, and tries again', async () => {
    search.mockRejectedValueOnce(problem(503));
    const element = await list();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    search.mockResolvedValue(page([deal('DR-1')]));
    button(element, 'c.Tandem_TryAgain').click();
    await settled();
    expect(all(element, 'tr[data-row]')).toHaveLength(1);
});
