import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import answer from '@salesforce/apex/RequestController.answer';
import comment from '@salesforce/apex/RequestController.comment';
import decide from '@salesforce/apex/RequestController.decide';
import form from '@salesforce/apex/RequestController.form';
import recall from '@salesforce/apex/RequestController.recall';
import show from '@salesforce/apex/RequestController.show';
import RequestDetail from 'c/requestDetail';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.answer', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.comment', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.decide', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.form', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.recall', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.files', () => ({ __esModule: true, default: jest.fn().mockResolvedValue({ items: [], actions: [] }) }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const DECISION = { by: 'Robin', decision: 'approve', reason: 'Fine.', at: '2026-11-22T10:00:00Z' };
const STEPS = [
    { key: 'one', title: 'Channel', state: 'approved', asked: [], due_at: null, closed_at: 'x', decisions: [DECISION] },
    { key: 'two', title: 'Director', state: 'open', asked: ['Kim'], due_at: '2026-11-24T10:00:00Z', closed_at: null, decisions: [] },
    { key: 'three', title: 'Finance', state: 'unheard_of', asked: [], due_at: null, closed_at: null, decisions: [] },
];
const REQUEST = {
    id: 'r1', number: 'PA-1001', workflow: 'partner_application', workflow_title: 'Partner application', title: '', state: 'submitted', round: 2,
    state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', holder: { side: 'company', who: 'Kim', due: null }, partner_name: 'Lone Star',
    authorization: null, values: { kind: 'reseller' }, question: '', actions: ['recall', 'comment'], decide: [], steps: STEPS, timeline: [],
};
const FORM = { title: 'Partner application', form: { sections: [{ key: 'a', fields: [{ name: 'kind', type: 'text', label: 'Kind', value: 'reseller' }, { name: 'none', type: 'text', label: 'None', value: null }] }] } };

afterEach(clear);

async function page(more = {}, properties = {}, state = { requestId: 'r1' }) {
    show.mockResolvedValue({ ...REQUEST, ...more });
    form.mockResolvedValue(FORM);
    const element = mount('c-request-detail', RequestDetail, properties);
    CurrentPageReference.emit({ state });
    await settled();
    await settled();
    return element;
}
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const change = (node, detail) => node.dispatchEvent(new CustomEvent('change', { detail }));

it('shows what was asked for, the route with what was said, and who holds it', async () => {
    const element = await page({ authorization: 'PA-A-1' });
    expect(text(element)).toContain('Kind reseller');
    expect(all(element, '[data-step]').map((step) => step.dataset.step)).toEqual(['one', 'two', 'three']);
    expect(text(element)).toContain('Fine.');
    expect(find(element, '[data-part=authorization]')).not.toBeNull();
    await expect(element).toBeAccessible();
});

it('is there also where the form cannot be had', async () => {
    form.mockRejectedValue(problem(404));
    show.mockResolvedValue(REQUEST);
    const element = mount('c-request-detail', RequestDetail);
    CurrentPageReference.emit({ state: { c__requestId: 'r1' } });
    await settled();
    expect(all(element, '[data-step]')).toHaveLength(3);
});

it('answers a question', async () => {
    const element = await page({ state: 'info_needed', question: 'Since when?', actions: ['answer'], holder: { side: 'requester', who: '', due: null } });
    expect(find(element, '[data-part=question]').textContent).toBe('Since when?');
    change(find(element, 'lightning-textarea'), { value: '2019' });
    await settled();
    answer.mockResolvedValue(REQUEST);
    button(element, 'c.Tandem_AnswerSend').click();
    await settled();
    expect(answer).toHaveBeenCalledWith({ requestId: 'r1', reason: '2019' });
});

it('takes a comment for both sides or for the company alone', async () => {
    const element = await page({}, { company: true });
    change(find(element, 'lightning-textarea'), { value: 'Known to us.' });
    change(all(element, 'lightning-input').pop(), { checked: true });
    await settled();
    comment.mockResolvedValue(REQUEST);
    button(element, 'c.Tandem_CommentAdd').click();
    await settled();
    expect(comment).toHaveBeenCalledWith({ requestId: 'r1', text: 'Known to us.', visible: 'company' });
});

it('takes a request back, and says when that is not possible any more', async () => {
    const element = await page();
    button(element, 'c.Tandem_Recall').click();
    await settled();
    change(find(element, 'lightning-textarea'), { value: 'Too early' });
    recall.mockRejectedValueOnce(problem(409, 'It was approved meanwhile.'));
    button(element, 'c.Tandem_RecallNow').click();
    await settled();
    expect(text(element)).toContain('It was approved meanwhile.');
    recall.mockResolvedValue({ ...REQUEST, actions: ['resubmit'], state: 'recalled' });
    button(element, 'c.Tandem_RecallNow').click();
    await settled();
    button(element, 'c.Tandem_Resubmit').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ requestId: 'r1', workflow: 'partner_application' });
});

it('decides in one of several steps, on behalf of somebody, and keeps what was typed', async () => {
    const asked = [{ step: 'one', title: 'Channel', on_behalf_of: '' }, { step: 'two', title: 'Director', on_behalf_of: 'Kim' }];
    const element = await page({ decide: asked, actions: ['approve', 'reject'] }, { company: true });
    const [steps, choices] = all(element, 'lightning-radio-group');
    change(steps, { value: 'two' });
    change(choices, { value: 'reject' });
    await settled();
    change(all(element, 'c-request-decision')[0].shadowRoot.querySelector('lightning-textarea'), { value: 'Not yet.' });
    await settled();
    expect(localStorage).toHaveLength(1);
    decide.mockResolvedValue({ ...REQUEST, state: 'rejected' });
    find(element, '[data-action=decide]').click();
    await settled();
    expect(decide).toHaveBeenCalledWith({ requestId: 'r1', decision: 'reject', reason: 'Not yet.', step: 'two', round: 2, extra: {} });
    expect(localStorage).toHaveLength(0);
});

it('takes up a decision that was begun', async () => {
    localStorage.setItem('tandem-draft:005000000000000000:request-decision:r1', JSON.stringify({ at: Date.now(), values: { choice: 'approve', reason: '' } }));
    const element = await page({ decide: [{ step: 'one', title: 'Channel', on_behalf_of: '' }] }, { company: true });
    expect(find(element, 'c-request-decision')).not.toBeNull();
});

it('says what went wrong, and asks for a request where the address names none', async () => {
    const element = mount('c-request-detail', RequestDetail);
    await settled();
    expect(text(element)).toContain('c.Tandem_RequestChoose');
    show.mockRejectedValue(problem(404, 'There is no such request.'));
    CurrentPageReference.emit({ state: { requestId: 'r9' } });
    await settled();
    expect(text(element)).toContain('There is no such request.');
});
