import { getNavigateCalledWith } from 'lightning/navigation';
import me from '@salesforce/apex/UserController.me';
import search from '@salesforce/apex/RequestController.search';
import show from '@salesforce/apex/RequestController.show';
import PartnerApply from 'c/partnerApply';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/UserController.me', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.form', () => ({ __esModule: true, default: jest.fn().mockResolvedValue({ title: 'Partner application', form: null }) }), { virtual: true });

const APPLICATION = {
    id: 'r1', number: 'PA-1001', workflow: 'partner_application', workflow_title: 'Partner application', state: 'submitted', state_words: 'Submitted',
    state_since: '2026-11-22T10:00:00Z', holder: { side: 'company', who: 'Kim Lund', due: '2026-11-24T10:00:00Z' }, question: '', actions: ['recall'],
    steps: [{ key: 'channel', title: 'Channel manager', state: 'open', asked: ['Kim Lund'], due_at: null, closed_at: null, decisions: [] }], decisions: [],
    values: {},
};
afterEach(clear);

async function page(status, application) {
    me.mockResolvedValue({ name: 'Nina Vogt', company: 'Ostsee', partner_status: status });
    search.mockResolvedValue({ items: application ? [{ id: 'r1' }] : [] });
    show.mockResolvedValue({ ...APPLICATION, ...application });
    const element = mount('c-partner-apply', PartnerApply);
    await settled();
    await settled();
    return element;
}
const entry = (element) => find(element, 'c-request-entry');
const current = (element) => find(element, '[aria-current=step]')?.dataset.step;
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);

it('offers the form to who has not applied, says what happens next, and shows the state once it was sent', async () => {
    const element = await page('');
    expect(search).toHaveBeenCalledWith({ workflow: 'partner_application', pageSize: 1 });
    expect(entry(element).target).toEqual({ workflow: 'partner_application', requestId: undefined });
    expect(all(element, '[data-step]').map((one) => one.dataset.step)).toEqual(['apply', 'decision', 'agreement', 'partner']);
    expect(current(element)).toBe('apply');
    await expect(element).toBeAccessible();
    search.mockResolvedValue({ items: [{ id: 'r1' }] });
    me.mockResolvedValue({ name: 'Nina Vogt', company: 'Ostsee', partner_status: 'applicant' });
    entry(element).dispatchEvent(new CustomEvent('sent', { detail: { request: { id: 'r1' }, handedIn: true } }));
    await settled();
    await settled();
    expect(current(element)).toBe('decision');
    expect(entry(element)).toBeNull();
    expect(text(element)).toContain('Channel manager');
    await expect(element).toBeAccessible();
});

it('shows what was asked, and leads to where it is answered', async () => {
    const element = await page('applicant', { state: 'info_needed', question: 'Which countries?', actions: ['answer'] });
    expect(find(element, '[data-part=question]').textContent).toContain('Which countries?');
    button(element, 'c.Tandem_ApplyAnswer').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ requestId: 'r1' });
});

it('goes on with a draft, and with what was rejected once its reason is read', async () => {
    expect(entry(await page('', { state: 'draft' })).target.requestId).toBe('r1');
    clear();
    const element = await page('applicant', { state: 'rejected', decisions: [{ decision: 'reject', reason: 'No need there.' }] });
    expect(find(element, '[data-part=reason]').textContent).toContain('No need there.');
    expect(entry(element).target.requestId).toBe('r1');
    clear();
    expect(entry(await page('applicant', { state: 'cancelled' })).target.workflow).toBe('partner_application');
});

it('leads who is a partner to the own company, first of all to the agreement', async () => {
    const element = await page('approved', { state: 'approved' });
    expect(current(element)).toBe('agreement');
    expect(find(element, '[data-part=partner]').textContent).toContain('c.Tandem_ApplyApproved');
    button(element, 'c.Tandem_CompanyOpen').click();
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Company__c');
    clear();
    const active = await page('active');
    expect(current(active)).toBeUndefined();
    expect(entry(active)).toBeNull();
});

it('says that it cannot be had', async () => {
    me.mockRejectedValue(problem(503));
    const element = mount('c-partner-apply', PartnerApply);
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});
