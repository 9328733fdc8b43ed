import { getNavigateCalledWith } from 'lightning/navigation';
import decide from '@salesforce/apex/RequestController.decide';
import requests from '@salesforce/apex/RecordController.requests';
import show from '@salesforce/apex/RequestController.show';
import showDeal from '@salesforce/apex/DealController.show';
import RecordApproval from 'c/recordApproval';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/DealController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RecordController.requests', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.decide', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const WHICH = { objectApiName: 'Opportunity', recordId: '006000000000001AAA' };
const request = (id, more = {}) => ({
    id, number: id.toUpperCase(), title: 'Acme', workflow_title: 'Deal', state: 'submitted', state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', round: 1,
    holder: { side: 'company', who: 'Kim', due: null }, partner_name: 'Lone Star', amount: '10.00', currency: 'USD', decide: [], steps: [], ...more,
});
const MINE = [{ step: 'channel', title: 'Channel', on_behalf_of: '' }];
const CONFLICT = { kind: 'other', number: 'DR-2', until: null, sentence: 'It overlaps DR-2.', found_at: '2026-11-22T10:00:00Z', evidence: { why: 'name', partner: 'Harbor' } };

afterEach(clear);

async function shown(items, more = {}) {
    requests.mockResolvedValue({ items, total: items.length, ...more });
    const element = mount('c-record-approval', RecordApproval, WHICH);
    await settled();
    await settled();
    return element;
}

it('shows who holds it and takes the decision, which needs a reason where deals overlap', async () => {
    show.mockResolvedValue(request('r1', { decide: MINE }));
    showDeal.mockResolvedValue({ conflicts: [CONFLICT] });
    const element = await shown([{ request: request('r1'), deal_id: 'd1' }]);
    expect(requests).toHaveBeenCalledWith(WHICH);
    expect(find(element, '[data-request=R1]')).not.toBeNull();
    expect(text(element)).toContain('It overlaps DR-2.');
    const change = (selector, value) => find(element, selector).dispatchEvent(new CustomEvent('change', { detail: { value } }));
    change('lightning-radio-group', 'approve');
    await settled();
    expect(find(element, '[data-action=decide]').disabled).toBe(true);
    change('lightning-textarea', 'The same plant.');
    await settled();
    decide.mockResolvedValueOnce(request('r1', { state: 'approved' }));
    show.mockResolvedValue(request('r1', { state: 'approved' }));
    find(element, '[data-action=decide]').click();
    await settled();
    await settled();
    expect(decide).toHaveBeenCalledWith({ requestId: 'r1', decision: 'approve', reason: '', extra: { override_reason: 'The same plant.' }, step: 'channel', round: 1 });
    expect(find(element, 'c-request-decision')).toBeNull();
    await expect(element).toBeAccessible();
});

it('lets one choose among several, and leads to each', async () => {
    show.mockImplementation(({ requestId }) => Promise.resolve(request(requestId, { title: '', holder: { side: 'requester', who: '', due: null } })));
    const element = await shown([{ request: request('r1'), deal_id: null }, { request: request('r2'), deal_id: null }], { total: 60 });
    expect(text(element)).toContain('c.Tandem_RecordApprovalMore');
    expect(text(element)).toContain('c.Tandem_RecordApprovalNotYours');
    find(element, 'lightning-select').dispatchEvent(new CustomEvent('change', { detail: { value: 'r2' } }));
    await settled();
    await settled();
    expect(find(element, '[data-request=R2]')).not.toBeNull();
    all(element, 'a')[0].click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ c__requestId: 'r2' });
    show.mockRejectedValueOnce(problem(503));
    find(element, 'lightning-select').dispatchEvent(new CustomEvent('change', { detail: { value: 'r1' } }));
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});

it('says that nothing was requested, or what went wrong', async () => {
    expect(text(await shown([]))).toContain('c.Tandem_RecordApprovalEmptyHelp');
    clear();
    requests.mockRejectedValueOnce(problem(404, 'Tandem does not have this record yet.'));
    const element = mount('c-record-approval', RecordApproval, WHICH);
    await settled();
    expect(text(element)).toContain('Tandem does not have this record yet.');
});
