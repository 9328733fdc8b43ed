import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import inbox from '@salesforce/apex/RequestController.inbox';
import RequestInbox from 'c/requestInbox';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.inbox', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const request = (number, more = {}) => ({
    id: number, number, title: 'Acme', workflow_title: 'Deal', partner_name: 'Lone Star', amount: '1.00', currency: 'USD', state: 'submitted',
    state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', holder: { who: 'Kim' }, ...more,
});
const task = (number, more = {}) => ({ request: request(number), step: 'one', step_title: 'Channel', since: '2026-11-22T10:00:00Z', due: null, overdue: false, on_behalf_of: '', ...more });

afterEach(clear);
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
async function shown(tag, is, properties = {}) {
    const element = mount(tag, is, properties);
    await settled();
    await settled();
    return element;
}

it('lists what the reader may decide, with deadlines, page by page', async () => {
    inbox.mockResolvedValueOnce({ items: [task('DL-1', { due: '2026-11-20T10:00:00Z', overdue: true, on_behalf_of: 'Kim' })], next: 'more', total: 2 });
    const element = await shown('c-request-inbox', RequestInbox);
    expect(text(element)).toContain('c.Tandem_Overdue');
    expect(find(element, 'lightning-card').title).toBe('c.Tandem_TasksCount');
    inbox.mockResolvedValueOnce({ items: [task('DL-2')], next: null, total: 2 });
    button(element, 'c.Tandem_More').click();
    await settled();
    expect(all(element, '[data-request]').map((row) => row.dataset.request)).toEqual(['DL-1', 'DL-2']);
    expect(inbox).toHaveBeenLastCalledWith({ due: null, q: '', sortBy: 'due', pageSize: 20, cursor: 'more' });
    expect(button(element, 'c.Tandem_More')).toBeUndefined();
    expect(button(element, 'c.Tandem_Next')).toBeUndefined();
    find(element, '[data-request] a').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ c__requestId: 'DL-1' });
    await expect(element).toBeAccessible();
});

it('is filtered, sorted and searched by the server, and begins where the address says', async () => {
    inbox.mockResolvedValue({ items: [], next: null, total: 0 });
    const element = await shown('c-request-inbox', RequestInbox);
    const named = (name) => all(element, 'lightning-input, lightning-select').find((one) => one.name === name);
    const change = (name, value) => named(name).dispatchEvent(new CustomEvent('change', { detail: { value } }));
    CurrentPageReference.emit({ state: { c__due: 'overdue' } });
    await settled();
    expect(inbox).toHaveBeenLastCalledWith({ due: 'overdue', q: '', sortBy: 'due', pageSize: 20, cursor: null });
    expect(text(element)).toContain('c.Tandem_InboxNotFound');
    change('sort', 'newest');
    jest.useFakeTimers();
    change('q', 'Acme');
    jest.runAllTimers();
    jest.useRealTimers();
    await settled();
    expect(inbox).toHaveBeenLastCalledWith({ due: 'overdue', q: 'Acme', sortBy: 'newest', pageSize: 20, cursor: null });
    button(element, 'c.Tandem_ClearFilters').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_MyDecisionsEmpty');
    CurrentPageReference.emit({ state: {} });
    await expect(element).toBeAccessible();
});

it('is read anew from its first page when asked to, and forgets its filter with the visit', async () => {
    inbox.mockResolvedValueOnce({ items: [task('DL-1')], next: 'more', total: 2 });
    const element = await shown('c-request-inbox', RequestInbox);
    inbox.mockResolvedValueOnce({ items: [task('DL-2')], next: null, total: 2 });
    button(element, 'c.Tandem_More').click();
    await settled();
    inbox.mockResolvedValue({ items: [task('DL-3')], next: null, total: 1 });
    find(element, 'lightning-button-icon').click();
    await settled();
    expect(all(element, '[data-request]').map((row) => row.dataset.request)).toEqual(['DL-3']);
    find(element, 'lightning-select').dispatchEvent(new CustomEvent('change', { detail: { value: 'week' } }));
    await settled();
    expect(inbox).toHaveBeenLastCalledWith(expect.objectContaining({ due: 'week', cursor: null }));
    expect(button(element, 'c.Tandem_ViewSave')).toBeUndefined();
    clear();
    await shown('c-request-inbox', RequestInbox);
    expect(inbox).toHaveBeenLastCalledWith(expect.objectContaining({ due: null }));
});

it('says that nothing waits, or that the service is away', async () => {
    inbox.mockResolvedValueOnce({ items: [], next: null, total: 0 });
    expect(text(await shown('c-request-inbox', RequestInbox))).toContain('c.Tandem_MyDecisionsEmpty');
    clear();
    inbox.mockRejectedValueOnce(problem(503));
    expect(text(await shown('c-request-inbox', RequestInbox))).toContain('c.Tandem_ErrorAway');
});
