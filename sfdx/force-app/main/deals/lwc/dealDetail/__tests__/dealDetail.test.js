import { CurrentPageReference } from 'lightning/navigation';
import answer from '@salesforce/apex/RequestController.answer';
import decide from '@salesforce/apex/RequestController.decide';
import show from '@salesforce/apex/DealController.show';
import showRequest from '@salesforce/apex/RequestController.show';
import submit from '@salesforce/apex/DealController.submit';
import withdraw from '@salesforce/apex/DealController.withdraw';
import DealDetail from 'c/dealDetail';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.answer', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.decide', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.files', () => ({ __esModule: true, default: jest.fn().mockResolvedValue({ items: [], actions: [] }) }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.submit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.withdraw', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const DEAL = {
    id: 'd1', number: 'DR-1001', state: 'submitted', state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', holder: 'company',
    held_by: 'Robin Berg', held_since: '2026-11-22T10:00:00Z', due: '2026-11-24T10:00:00Z', request_id: 'r1', authorization_number: null,
    partner_name: 'Lone Star', customer_name: 'Acme', customer_country: 'US', amount: '48600.00', currency: 'USD', close_date: '2027-03-14', protected_until: null,
    decision_reason: '', question: '', contact_first_name: 'Eva', contact_last_name: 'Keller', actions: ['withdraw'], conflicts: [], route: [],
    timeline: [{ at: '2026-11-22T10:00:00Z', by: 'Anna', kind: 'submit', sentence: '', reason: '' }],
};
const STEP = { key: 'channel', title: 'Channel manager', state: 'open', asked: ['Robin Berg'], due_at: '2026-11-24T10:00:00Z', closed_at: null, decisions: [] };
const REQUEST = { id: 'r1', number: 'DL-1001', round: 1, decide: [{ step: 'channel', title: 'Channel manager', on_behalf_of: '' }] };

afterEach(clear);

async function page(deal, properties = {}, state = { dealId: 'd1' }) {
    show.mockResolvedValue({ ...DEAL, ...deal });
    const element = mount('c-deal-detail', DealDetail, properties);
    CurrentPageReference.emit({ type: 'comm__namedPage', attributes: { name: 'Deal__c' }, state });
    await settled();
    await settled();
    return element;
}
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const type = (element, selector, value) => find(element, selector).dispatchEvent(new CustomEvent('change', { detail: { value } }));

it('says where a deal stands, who holds it, and what happened', async () => {
    const element = await page({ route: [STEP] });
    expect(show).toHaveBeenCalledWith({ dealId: 'd1' });
    expect(find(element, '[data-field=amount]').textContent).toContain('USD\u00a048,600.00');
    expect(find(element, '[data-field=customer_country]').textContent).toContain('United States');
    expect(text(element)).toContain('c.Tandem_Event_submit');
    expect(find(element, '[data-step=channel]')).not.toBeNull();
    expect(find(element, 'c-request-decision')).toBeNull();
    await expect(element).toBeAccessible();
});

it('shows protection and authorization of an approved deal', async () => {
    const element = await page({ state: 'approved', protected_until: '2027-02-20', authorization_number: 'DL-A-1', held_by: '', holder: '', held_since: null });
    expect(find(element, '[data-part=until]')).not.toBeNull();
    expect(find(element, '[data-part=authorization]')).not.toBeNull();
});

it('tells a partner the overlap in words and the company its evidence', async () => {
    const conflicts = [
        { kind: 'registration', number: 'DR-1000', until: '2027-01-01', sentence: 's', found_at: '2026-11-22T10:00:00Z', evidence: null },
        { kind: 'registration', number: 'DR-999', until: null, sentence: 's', found_at: '2026-11-22T10:00:00Z', evidence: null },
        { kind: 'opportunity', number: '', until: null, sentence: 's', found_at: '2026-11-22T10:00:00Z', evidence: { why: 'account', id: 'x', account: 'Acme', close_date: '2027-01-01', likeness: 97.5, state: 'approved', submitted_at: '2026-11-22T10:00:00Z' } },
        { kind: 'other', number: '', until: null, sentence: 'As the API says.', found_at: '2026-11-22T10:00:00Z', evidence: null },
    ];
    const element = await page({ conflicts });
    expect(all(element, '[data-part=conflict]').map((one) => one.textContent)).toEqual([
        'c.Tandem_ConflictProtected', 'c.Tandem_ConflictWaiting', 'c.Tandem_ConflictOpportunity', 'As the API says.',
    ]);
    expect(find(element, 'c-tandem-explanation')).toBeNull();
    clear();
    showRequest.mockResolvedValue(REQUEST);
    const theirs = await page({ conflicts }, { company: true });
    all(theirs, 'c-tandem-explanation button').concat(all(theirs, 'button')).forEach((one) => one.click());
    await settled();
    expect(text(theirs)).toContain('97.5 %');
});

it('lets a partner answer, keeps the answer while it is written, and says when it has arrived', async () => {
    const element = await page({ state: 'info_needed', holder: 'partner', question: 'Which plant?', actions: ['answer', 'withdraw'] });
    const toast = jest.fn();
    element.addEventListener('lightning__showtoast', toast);
    expect(find(element, '[data-part=question]').textContent).toBe('Which plant?');
    type(element, 'lightning-textarea', ' Lohr ');
    await settled();
    answer.mockRejectedValueOnce(problem(503));
    button(element, 'c.Tandem_AnswerSend').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    expect(find(element, 'lightning-textarea').value).toBe(' Lohr ');
    answer.mockResolvedValue({});
    button(element, 'c.Tandem_AnswerSend').click();
    await settled();
    expect(answer).toHaveBeenLastCalledWith({ requestId: 'r1', reason: 'Lohr' });
    expect(toast).toHaveBeenCalledTimes(1);
    expect(localStorage).toHaveLength(0);
});

it('withdraws after asking why, and submits a draft', async () => {
    const element = await page({ state: 'draft', actions: ['submit', 'withdraw'], customer_name: '' });
    button(element, 'c.Tandem_DealWithdraw').click();
    await settled();
    type(element, 'lightning-textarea', 'Lost interest');
    withdraw.mockResolvedValue({});
    button(element, 'c.Tandem_DealWithdrawNow').click();
    await settled();
    expect(withdraw).toHaveBeenCalledWith({ dealId: 'd1', reason: 'Lost interest' });
    submit.mockResolvedValue({});
    button(element, 'c.Tandem_DealSubmit').click();
    await settled();
    expect(submit).toHaveBeenCalledWith({ dealId: 'd1' });
    button(element, 'c.Tandem_DealEdit').click();
});

it('lets the company decide with a reason; approving an overlap needs one of its own', async () => {
    showRequest.mockResolvedValue(REQUEST);
    const overlap = { kind: 'registration', number: 'DR-1', until: null, sentence: 's', found_at: '2026-11-22T10:00:00Z', evidence: null };
    const element = await page({ actions: ['approve', 'reject', 'request_info'], conflicts: [overlap] }, { company: true }, { c__dealId: 'd1' });
    const decideButton = () => find(element, '[data-action=decide]');
    expect(decideButton().disabled).toBe(true);
    type(element, 'lightning-radio-group', 'approve');
    await settled();
    expect(decideButton().disabled).toBe(true);
    type(element, 'c-request-decision', '');
    const reason = all(element, 'lightning-textarea').pop();
    reason.dispatchEvent(new CustomEvent('change', { detail: { value: 'They were first.' } }));
    await settled();
    decide.mockRejectedValueOnce(problem(409, 'Somebody decided already.'));
    decideButton().click();
    await settled();
    expect(text(element)).toContain('Somebody decided already.');
    decide.mockResolvedValue(REQUEST);
    decideButton().click();
    await settled();
    expect(decide).toHaveBeenLastCalledWith({ requestId: 'r1', decision: 'approve', reason: '', step: 'channel', round: 1, extra: { override_reason: 'They were first.' } });
});

it('says that a deal is not there, and asks for one where the address names none', async () => {
    show.mockRejectedValueOnce(problem(404, 'There is no such deal.'));
    const element = mount('c-deal-detail', DealDetail);
    await settled();
    expect(text(element)).toContain('c.Tandem_DealChoose');
    button(element, 'c.Tandem_DealsBack').click();
    CurrentPageReference.emit({ state: { dealId: 'd2' } });
    await settled();
    expect(text(element)).toContain('There is no such deal.');
});

it('tells why a deal was rejected', async () => {
    const element = await page({ state: 'rejected', decision_reason: 'The other came first.', actions: [] });
    expect(find(element, '[data-part=reason]').textContent).toContain('The other came first.');
});
