import { getNavigateCalledWith } from 'lightning/navigation';
import search from '@salesforce/apex/RequestController.search';
import workflows from '@salesforce/apex/RequestController.workflows';
import RequestList from 'c/requestList';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.exportCsv', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.workflows', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const request = (number, more = {}) => ({
    id: number, number, title: 'Acme', workflow_title: 'Deal', partner_name: 'Lone Star', amount: '1.00', currency: 'USD', state: 'submitted',
    state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', holder: { who: 'Kim' }, ...more,
});
const page = (items, more = {}) => ({ items, next: null, total: items.length, counts: { submitted: items.length }, ...more });

afterEach(clear);
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
async function shown(properties = {}) {
    const element = mount('c-request-list', RequestList, properties);
    await settled();
    await settled();
    return element;
}

it('offers a partner what may be started, and pages through the requests', async () => {
    workflows.mockResolvedValue({ items: [{ key: 'partner_application', title: 'Partner application' }] });
    search.mockResolvedValueOnce(page([request('PA-1')], { next: 'more', total: 21 }));
    const element = await shown();
    button(element, 'Partner application').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ workflow: 'partner_application' });
    search.mockResolvedValueOnce(page([request('PA-2', { title: '' })], { total: 21 }));
    button(element, 'c.Tandem_Next').click();
    await settled();
    expect(search).toHaveBeenLastCalledWith({ state: null, q: '', sortBy: '-created', pageSize: 20, cursor: 'more' });
    expect(workflows).toHaveBeenCalledTimes(1);
    find(element, '[data-row] a').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ requestId: 'PA-2' });
    await expect(element).toBeAccessible();
});

it('lists all of them for the company, which starts nothing here', async () => {
    search.mockResolvedValueOnce(page([request('PA-1')]));
    const element = await shown({ company: true });
    expect(workflows).not.toHaveBeenCalled();
    expect(text(element)).toContain('Lone Star');
    find(element, '[data-row] a').click();
    expect(getNavigateCalledWith().pageReference.attributes.apiName).toBe('Tandem_Request');
});

it('says once what went wrong, whichever of its two questions failed', async () => {
    workflows.mockRejectedValueOnce(problem(503));
    search.mockResolvedValueOnce(page([]));
    const element = await shown();
    expect(all(element, '[role=alert]')).toHaveLength(1);
    search.mockResolvedValueOnce(page([]));
    workflows.mockResolvedValueOnce({ items: [] });
    button(element, 'c.Tandem_TryAgain').click();
    await settled();
    await settled();
    expect(text(element)).toContain('c.Tandem_RequestsEmpty');
});
