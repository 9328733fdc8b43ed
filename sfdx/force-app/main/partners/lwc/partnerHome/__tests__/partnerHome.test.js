import { getNavigateCalledWith } from 'lightning/navigation';
import company from '@salesforce/apex/PartnerController.company';
import me from '@salesforce/apex/UserController.me';
import notices from '@salesforce/apex/UserController.notices';
import readNotices from '@salesforce/apex/UserController.readNotices';
import search from '@salesforce/apex/DealController.search';
import searchRequests from '@salesforce/apex/RequestController.search';
import PartnerHome from 'c/partnerHome';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/PartnerController.company', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/UserController.me', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/UserController.notices', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/UserController.readNotices', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const deal = (number, more = {}) => ({ id: number, number, state: 'submitted', state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', customer_name: 'Acme', protected_until: null, ...more });
const request = (number, more = {}) => ({ id: number, number, workflow: 'price_exception', workflow_title: 'Price exception', title: '', subject_kind: 'none', state: 'draft', state_words: 'Draft', ...more });
const page = (items, more = {}) => ({ items, next: null, total: items.length, ...more });

afterEach(() => {
    clear();
    jest.resetAllMocks();
});
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const links = (element, part) => all(element, `a[data-list=${part}]`).map((link) => link.dataset.id);

async function home({ status = 'active', deals = {}, requests = {}, told = [], waiting = [] } = {}) {
    me.mockResolvedValue({ name: 'Anna Weiss', company: 'Lone Star', partner_status: status });
    search.mockImplementation(async ({ state }) => deals[state ?? 'all'] ?? page([]));
    searchRequests.mockImplementation(async ({ state }) => requests[state] ?? page([]));
    if (!notices.getMockImplementation()) notices.mockResolvedValue({ items: told, unread: told.length });
    company.mockResolvedValue({ agreements: { waiting } });
    const element = mount('c-partner-home', PartnerHome);
    for (let round = 0; round < 4; round += 1) await settled();
    return element;
}

it('shows what is to do, each with the way to its action', async () => {
    const element = await home({
        deals: { info_needed: page([deal('DR-1', { state: 'info_needed' })]), draft: page([deal('DR-2', { state: 'draft', customer_name: '' })]) },
        requests: { info_needed: page([request('PA-1', { workflow: 'partner_application' }), request('DL-1', { subject_kind: 'deal_registration' })]), draft: page([request('PX-1')]) },
        waiting: [{ version_id: 'v1', title: 'Partner agreement', version: 2, due_on: '2026-12-24' }],
    });
    expect(links(element, 'tasks')).toEqual(['v1', 'DR-1', 'PA-1', 'DR-2', 'PX-1']);
    const goes = all(element, 'a[data-list=tasks]').map((link) => {
        link.click();
        const { attributes, state } = getNavigateCalledWith().pageReference;
        return [attributes.name, Object.values(state ?? {})[0]];
    });
    expect(goes).toEqual([['Company__c', undefined], ['Deal__c', 'DR-1'], ['Apply__c', undefined], ['Register_Deal__c', 'DR-2'], ['Request_Form__c', 'PX-1']]);
    await expect(element).toBeAccessible();
});

it('shows which protections end within a month, and says when there may be more', async () => {
    const element = await home({ deals: { approved: page([deal('DR-3', { protected_until: inDays(5) }), deal('DR-4', { protected_until: inDays(60) })], { next: 'more' }) } });
    expect(links(element, 'expiring')).toEqual(['DR-3']);
    expect(search).toHaveBeenCalledWith({ state: 'approved', sortBy: 'protected', pageSize: 50 });
    expect(text(element)).not.toContain('c.Tandem_PartialApproved');
    clear();
    const full = await home({ deals: { approved: page([deal('DR-3', { protected_until: inDays(5) })], { next: 'more' }) } });
    expect(text(full)).toContain('c.Tandem_PartialApproved');
});

it('tells what is new since the last visit until it is read, and what changed last', async () => {
    const element = await home({ told: [{ id: 'n1', sentence: 'DR-1 was approved.', at: '2026-11-22T10:00:00Z', request_id: 'r1' }], deals: { all: page([deal('DR-5')]) } });
    expect(text(find(element, '[data-part=news]'))).toContain('DR-1 was approved.');
    find(element, 'a[data-list=news]').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ requestId: 'r1' });
    readNotices.mockRejectedValueOnce(problem(503));
    button(element, 'c.Tandem_NewsRead').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    readNotices.mockResolvedValueOnce({ items: [], unread: 0 });
    button(element, 'c.Tandem_NewsRead').click();
    await settled();
    expect(readNotices).toHaveBeenLastCalledWith({ ids: ['n1'] });
    expect(links(element, 'news')).toEqual([]);
    expect(links(element, 'changed')).toEqual(['DR-5']);
});

it('leads who is no partner yet to the application, and everybody else to a first deal', async () => {
    const nobody = await home({ status: '' });
    expect(company).not.toHaveBeenCalled();
    expect(text(nobody)).toContain('c.Tandem_CompanyNone');
    button(nobody, 'c.Tandem_ApplyTitle').click();
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Apply__c');
    clear();
    const partner = await home();
    expect(text(partner)).toContain('c.Tandem_DealsEmpty');
    button(partner, 'c.Tandem_DealRegister').click();
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Register_Deal__c');
});

it('shows the rest where a part cannot be had, and says what went wrong where nothing can', async () => {
    notices.mockRejectedValue(problem(503));
    const element = await home({ deals: { all: page([deal('DR-5')]) } });
    expect(links(element, 'changed')).toEqual(['DR-5']);
    expect(find(element, '[data-part=missing]')).not.toBeNull();
    clear();
    me.mockRejectedValue(problem(503));
    const broken = mount('c-partner-home', PartnerHome);
    await settled();
    expect(text(broken)).toContain('c.Tandem_ErrorAway');
});
