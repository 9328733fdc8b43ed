import { getNavigateCalledWith } from 'lightning/navigation';
import activity from '@salesforce/apex/RecordController.activity';
import PartnerActivity from 'c/partnerActivity';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RecordController.activity', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const WHICH = { objectApiName: 'Account', recordId: '001000000000001AAA' };
const item = (key, more = {}) => ({
    key, group: 'registration', at: '2026-11-22T10:00:00Z', by: 'Dana', kind: 'submit', sentence: 'Dana handed it in.', reason: '', partner: 'Lone Star',
    number: 'DR-1', title: 'Acme', request_id: 'r1', deal_id: 'd1', ...more,
});
const page = (items, more = {}) => ({ items, next: null, total: items.length, counts: { registration: 2, request: 0, decision: 1, assignment: 1 }, ...more });

afterEach(clear);
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);

async function shown(answer) {
    activity.mockResolvedValueOnce(answer);
    const element = mount('c-partner-activity', PartnerActivity, WHICH);
    await settled();
    await settled();
    return element;
}

it('tells what happened, with reasons and the way to each deal and request', async () => {
    const element = await shown(
        page([
            item('a', { group: 'assignment', kind: 'assigned', deal_id: null, request_id: null, number: '', reason: 'They asked.' }),
            item('b', { group: 'assignment', kind: 'taken_off', deal_id: null, request_id: null }),
            item('c', { kind: 'stage', sentence: 'The stage is Proposal.', deal_id: null, title: '' }),
            item('d'),
        ]),
    );
    expect(all(element, '[data-kind]').map((row) => row.dataset.kind)).toEqual(['assigned', 'taken_off', 'stage', 'submit']);
    expect(text(element)).toContain('The stage is Proposal.');
    expect(text(element)).toContain('They asked.');
    const [request, deal] = all(element, 'ol a');
    request.click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ c__requestId: 'r1' });
    deal.click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ c__dealId: 'd1' });
    await expect(element).toBeAccessible();
});

it('shows one kind, page by page, with true counts', async () => {
    const element = await shown(page([item('a')], { next: 'more', total: 4 }));
    activity.mockResolvedValueOnce(page([item('b')], { total: 4 }));
    button(element, 'c.Tandem_More').click();
    await settled();
    await settled();
    expect(activity).toHaveBeenLastCalledWith({ ...WHICH, kind: null, pageSize: 10, cursor: 'more' });
    expect(all(element, '[data-kind]')).toHaveLength(2);
    const select = find(element, 'lightning-select');
    expect(select.options.map(({ label }) => label)).toContain('c.Tandem_Activity_all (4)');
    activity.mockResolvedValueOnce(page([]));
    select.dispatchEvent(new CustomEvent('change', { detail: { value: 'request' } }));
    await settled();
    expect(activity).toHaveBeenLastCalledWith({ ...WHICH, kind: 'request', pageSize: 10, cursor: null });
    expect(text(element)).toContain('c.Tandem_ActivityNoneOfKind');
});

it('says that nothing happened yet, or that the service is away', async () => {
    const none = { registration: 0, request: 0, decision: 0, assignment: 0 };
    expect(text(await shown(page([], { counts: none })))).toContain('c.Tandem_ActivityEmptyHelp');
    clear();
    activity.mockRejectedValueOnce(problem(503));
    const element = mount('c-partner-activity', PartnerActivity, WHICH);
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});
