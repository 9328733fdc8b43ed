import decideConflict from '@salesforce/apex/RecordController.decideConflict';
import retrySync from '@salesforce/apex/RecordController.retrySync';
import syncState from '@salesforce/apex/RecordController.syncState';
import RecordSync from 'c/recordSync';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RecordController.decideConflict', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RecordController.retrySync', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RecordController.syncState', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const WHICH = { objectApiName: 'Opportunity', recordId: '006000000000001AAA' };
const STATE = {
    standing: 'synced', agreed_at: '2026-11-22T10:00:00Z', changed_there: '2026-11-21T10:00:00Z', waiting: [], waiting_since: null,
    questions: [], problem: '', attempts: 0, next_try: null, actions: [],
};
const QUESTION = { id: 7, field: 'Close_Date__c', base: null, ours: '2031-03-14', theirs: true, found_at: '2026-11-22T10:00:00Z' };

afterEach(clear);
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);

async function shown(more = {}) {
    syncState.mockResolvedValue({ ...STATE, ...more });
    const element = mount('c-record-sync', RecordSync, WHICH);
    await settled();
    return element;
}

it('says that both sides hold the same, since when', async () => {
    const element = await shown();
    expect(syncState).toHaveBeenCalledWith(WHICH);
    expect(find(element, '[data-part=sync]').dataset.standing).toBe('synced');
    expect(text(element)).toContain('c.Tandem_SyncHelp_synced');
    expect(all(element, 'lightning-button')).toHaveLength(0);
    await expect(element).toBeAccessible();
});

it('names what waits to be sent, and the whole of a new record', async () => {
    const waiting = [{ field: 'Protected_Until__c', since: null }, { field: '', since: null }];
    const element = await shown({ standing: 'pending', waiting, waiting_since: '2026-11-22T10:00:00Z', attempts: 2, next_try: '2026-11-22T10:05:00Z' });
    expect(text(element)).toContain('c.Tandem_SyncHelp_pending');
    expect(text(element)).toContain('c.Tandem_SyncWaiting');
    expect(text(element)).toContain('c.Tandem_SyncNext');
});

it('says why a record cannot go, and lets it try again', async () => {
    const element = await shown({ standing: 'stuck', problem: 'NextStep takes 255 characters. Shorten it.', actions: ['retry'] });
    expect(find(element, '[data-part=problem]').textContent).toBe('NextStep takes 255 characters. Shorten it.');
    await expect(element).toBeAccessible();
    retrySync.mockRejectedValueOnce(problem(409, 'Nothing of this record waits to be sent.'));
    button(element, 'c.Tandem_SyncRetry').click();
    await settled();
    expect(text(element)).toContain('Nothing of this record waits to be sent.');
    retrySync.mockResolvedValueOnce({ ...STATE, standing: 'pending' });
    button(element, 'c.Tandem_SyncRetry').click();
    await settled();
    expect(find(element, '[data-part=sync]').dataset.standing).toBe('pending');
});

it('shows what both sides changed, and takes the decision of who may', async () => {
    const element = await shown({ standing: 'conflict', questions: [QUESTION], actions: ['decide'] });
    expect(find(element, '[data-question=Close_Date__c] h3').textContent).toBe('Close Date');
    expect(text(element)).toContain('c.Tandem_SyncEmpty');
    expect(text(element)).toContain('Mar 14, 2031');
    await expect(element).toBeAccessible();
    decideConflict.mockResolvedValueOnce(STATE);
    find(element, '[data-take=salesforce]').click();
    await settled();
    expect(decideConflict).toHaveBeenCalledWith({ ...WHICH, conflictId: '7', take: 'salesforce' });
    expect(all(element, '[data-question]')).toHaveLength(0);
});

it('tells everybody else who decides', async () => {
    const element = await shown({ standing: 'conflict', questions: [{ ...QUESTION, theirs: false }] });
    expect(text(element)).toContain('c.Tandem_SyncAskOwner');
    expect(all(element, '[data-take]')).toHaveLength(0);
});

it('says that the service is away, and asks again', async () => {
    syncState.mockRejectedValueOnce(problem(503));
    const element = mount('c-record-sync', RecordSync, WHICH);
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    syncState.mockResolvedValueOnce({ ...STATE, standing: 'unknown', agreed_at: null, changed_there: null });
    button(element, 'c.Tandem_TryAgain').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_SyncHelp_unknown');
});
