import { getNavigateCalledWith } from 'lightning/navigation';
import assign from '@salesforce/apex/AssignmentController.assign';
import candidates from '@salesforce/apex/AssignmentController.candidates';
import showAssignment from '@salesforce/apex/AssignmentController.show';
import takeOff from '@salesforce/apex/AssignmentController.takeOff';
import undo from '@salesforce/apex/AssignmentController.undo';
import PartnerAssignment from 'c/partnerAssignment';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/AssignmentController.assign', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/AssignmentController.candidates', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/AssignmentController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/AssignmentController.takeOff', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/AssignmentController.undo', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const NAMED = { subject: 'opportunity', subjectId: 'o1' };
const NOBODY = { items: [], assigned: null, actions: ['assign'], locked: '' };
const ASSIGNED = {
    partner_id: 'p1', partner: 'Lone Star', sf_id: '001000000000001AAA', status: 'Active', level: 'Gold', region: 'South', activation: '',
    people: [{ name: 'Dana Cole', email: 'dana@lone.example', title: '', roles: ['seller', 'unheard_of'] }],
};
const ROW = {
    partner_id: 'p1', partner: 'Lone Star', manner: 'hand', because: 'They know the plant.', assigned_by: 'Robin', assigned_at: '2026-11-22T10:00:00Z',
    ended_at: null, ended_by: '', end_reason: '',
};
const HELD = { items: [ROW, { ...ROW, partner: 'Harbor', manner: 'strange', ended_at: '2026-11-22T10:00:00Z', ended_by: 'Robin', end_reason: 'No time' }], assigned: ASSIGNED, actions: ['change', 'take_off', 'undo'], locked: '' };
const candidate = (name, more = {}) => ({
    partner_id: name, name, eligible: true, recommended: false, level: 'Gold', region: '', activation: '', certified: [], open: 1, capacity: null,
    reasons: [{ code: 'sells_in', values: ['US'] }, { code: 'new_code', values: [] }], ...more,
});

afterEach(() => {
    clear();
    jest.useRealTimers();
});
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const act = (element, name) => find(element, `[data-action=${name}]`).click();
const reason = (element, value) => find(element, 'lightning-textarea').dispatchEvent(new CustomEvent('change', { detail: { value } }));

async function shown(assignment) {
    showAssignment.mockResolvedValue({ subject: 'opportunity', record_id: 'o1', assignment });
    const element = mount('c-partner-assignment', PartnerAssignment, { objectApiName: 'Opportunity', recordId: '006000000000001AAA' });
    await settled();
    await settled();
    return element;
}

it('says who has it, since when, by whom and why, and who had it before', async () => {
    const element = await shown(HELD);
    expect(text(find(element, '[data-part=assigned]'))).toContain('Lone Star');
    expect(text(element)).toContain('Gold · South');
    expect(text(element)).toContain('c.Tandem_Role_seller · unheard_of');
    expect(text(element)).toContain('They know the plant.');
    expect(text(find(element, 'details'))).toContain('No time');
    find(element, '[data-part=assigned] a').click();
    expect(getNavigateCalledWith().pageReference.attributes).toEqual({ objectApiName: 'Account', recordId: '001000000000001AAA', actionName: 'view' });
    await expect(element).toBeAccessible();
});

it('assigns the chosen candidate with a reason', async () => {
    const element = await shown(NOBODY);
    expect(find(element, '[data-part=nobody]')).not.toBeNull();
    candidates.mockResolvedValueOnce({
        items: [candidate('Lone Star', { recommended: true }), candidate('Full', { reasons: [{ code: 'full', values: ['2', '2'] }] }), candidate('Gone', { reasons: [{ code: 'not_active', values: [] }] })],
        total: 9,
    });
    act(element, 'choose');
    await settled();
    expect(candidates).toHaveBeenCalledWith({ ...NAMED, q: '' });
    const [lone, full, gone] = all(element, 'input[name=candidate]');
    expect([lone.disabled, gone.disabled]).toEqual([false, true]);
    expect(text(element)).toContain('c.Tandem_AssignMore');
    await expect(element).toBeAccessible();
    reason(element, 'They know the plant.');
    await settled();
    expect(find(element, '[data-action=do]').disabled).toBe(true);
    full.dispatchEvent(new CustomEvent('change'));
    await settled();
    expect(text(element)).toContain('c.Tandem_AssignOver');
    assign.mockRejectedValueOnce(problem(409, 'It has a partner already.'));
    act(element, 'do');
    await settled();
    expect(assign).toHaveBeenCalledWith({ ...NAMED, partnerId: 'Full', overCapacity: true, reason: 'They know the plant.' });
    expect(text(element)).toContain('It has a partner already.');
    expect(localStorage).toHaveLength(1);
    lone.dispatchEvent(new CustomEvent('change'));
    await settled();
    assign.mockResolvedValueOnce(HELD);
    act(element, 'do');
    await settled();
    await settled();
    expect(find(element, '[data-part=assigned]')).not.toBeNull();
    expect(localStorage).toHaveLength(0);
});

it('finds candidates by name, and says when there are none or the service is away', async () => {
    const element = await shown(HELD);
    jest.useFakeTimers();
    candidates.mockRejectedValueOnce(problem(503));
    act(element, 'choose');
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    candidates.mockResolvedValue({ items: [], total: 0 });
    button(element, 'c.Tandem_TryAgain').click();
    await settled();
    find(element, 'lightning-input').dispatchEvent(new CustomEvent('change', { detail: { value: 'Nordvik' } }));
    jest.runAllTimers();
    await settled();
    expect(candidates).toHaveBeenLastCalledWith({ ...NAMED, q: 'Nordvik' });
    expect(text(element)).toContain('c.Tandem_AssignCandidatesNone');
    button(element, 'c.Tandem_Cancel').click();
    await settled();
    expect(find(element, 'fieldset')).toBeNull();
});

it('takes it off the partner, and takes the last change back, each with a reason', async () => {
    const element = await shown(HELD);
    act(element, 'take-off');
    await settled();
    reason(element, 'Nobody called');
    await settled();
    takeOff.mockResolvedValueOnce({ ...NOBODY, actions: ['assign', 'undo'] });
    act(element, 'do');
    await settled();
    expect(takeOff).toHaveBeenCalledWith({ ...NAMED, reason: 'Nobody called' });
    expect(find(element, '[data-part=nobody]')).not.toBeNull();
    act(element, 'undo');
    await settled();
    reason(element, 'A mistake');
    await settled();
    undo.mockResolvedValueOnce({ ...HELD, assigned: { ...ASSIGNED, sf_id: '' } });
    act(element, 'do');
    await settled();
    expect(undo).toHaveBeenCalledWith({ ...NAMED, reason: 'A mistake' });
    expect(find(element, '[data-part=assigned] a')).toBeNull();
});

it('says why nobody can change it, and who could', async () => {
    const locked = await shown({ ...HELD, actions: [], locked: 'The deal is registered: DR-1.', locked_remedy: 'Decide that first.' });
    expect(find(locked, '[data-part=locked]').textContent).toBe('The deal is registered: DR-1. Decide that first.');
    clear();
    const others = await shown({ ...NOBODY, actions: [] });
    expect(text(others)).toContain('c.Tandem_AssignAskOwner');
    clear();
    showAssignment.mockRejectedValueOnce(problem(404, 'Tandem does not have this record yet.'));
    const away = mount('c-partner-assignment', PartnerAssignment, { objectApiName: 'Lead', recordId: 'x' });
    await settled();
    expect(text(away)).toContain('Tandem does not have this record yet.');
});
