import attach from '@salesforce/apex/RequestController.attach';
import edit from '@salesforce/apex/RequestController.edit';
import form from '@salesforce/apex/RequestController.form';
import open from '@salesforce/apex/RequestController.open';
import resubmit from '@salesforce/apex/RequestController.resubmit';
import show from '@salesforce/apex/RequestController.show';
import submit from '@salesforce/apex/RequestController.submit';
import RequestEntry from 'c/requestEntry';
import { LARGEST } from 'c/tandemFiles';
import { all, clear, find, mount, problem, settled, text, until } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.attach', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.edit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.form', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.open', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.resubmit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.submit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const accepts = { extensions: ['pdf'], max_bytes: 10 * LARGEST, max_count: 3 };
const FORM = {
    title: 'Partner application',
    form: { sections: [{ key: 'a', title: 'A', fields: [{ name: 'kind', type: 'text', label: 'Kind' }, { name: 'proof', type: 'file', label: 'Proof', accepts }] }] },
};
const MADE = { id: 'r1', number: 'PA-1' };
afterEach(() => {
    clear();
    jest.resetAllMocks();
});

async function page(target = { workflow: 'partner_application' }) {
    form.mockResolvedValue(FORM);
    const element = mount('c-request-entry', RequestEntry, { target });
    element.sent = jest.fn();
    element.addEventListener('sent', (event) => element.sent(event.detail));
    await settled();
    await settled();
    return element;
}
async function send(element, kind, values = { kind: 'reseller' }) {
    find(element, 'c-smart-form').dispatchEvent(new CustomEvent(kind, { detail: { values } }));
    await until(() => !find(element, 'c-smart-form').busy);
}
const fileField = (element) => all(element, 'c-smart-field').find((one) => one.field.name === 'proof');
const choose = (element, ...files) => fileField(element).dispatchEvent(new CustomEvent('fieldchange', { detail: { name: 'proof', value: files } }));

it('begins a request of any kind by the form of its workflow, and says what was sent', async () => {
    const element = await page();
    expect(form).toHaveBeenCalledWith({ workflow: 'partner_application', values: {}, requestId: undefined, language: expect.any(String) });
    open.mockResolvedValue(MADE);
    await send(element, 'submitform');
    expect(open).toHaveBeenCalledWith({ workflow: 'partner_application', values: { kind: 'reseller' }, submit: true, key: expect.stringMatching(/-submit$/) });
    expect(element.sent).toHaveBeenCalledWith({ request: MADE, handedIn: true });
    await expect(element).toBeAccessible();
});

it('sends a second try of one request with the same key, so that a lost answer makes no second one', async () => {
    const element = await page();
    open.mockRejectedValueOnce(problem(503));
    await send(element, 'submitform');
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    open.mockResolvedValue(MADE);
    await send(element, 'submitform');
    const [first, second] = open.mock.calls.map(([call]) => call.key);
    expect(first).toBe(second);
});

it('asks for the form anew as values change, without files, and says when that fails', async () => {
    const element = await page();
    find(element, 'c-smart-form').dispatchEvent(new CustomEvent('resolve', { detail: { values: { kind: 'x', proof: [{}] } } }));
    await settled();
    expect(form).toHaveBeenLastCalledWith(expect.objectContaining({ values: { kind: 'x' } }));
    form.mockRejectedValueOnce(problem(503));
    await send(element, 'resolve');
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});

it('saves a draft first, sends the files, and hands in last; a try after a failed file goes on with that draft', async () => {
    const element = await page();
    choose(element, new File(['%PDF'], 'proof.pdf'));
    open.mockResolvedValue(MADE);
    submit.mockResolvedValue(MADE);
    attach.mockRejectedValueOnce(problem(400, 'proof.pdf was not taken.', { fields: { proof: 'A virus scanner found it.' } }));
    await send(element, 'submitform');
    expect(open.mock.calls[0][0].submit).toBe(false);
    expect(text(element)).toContain('proof.pdf was not taken.');
    expect(submit).not.toHaveBeenCalled();
    await send(element, 'submitform');
    expect(open).toHaveBeenCalledTimes(1);
    expect(edit).toHaveBeenCalledWith({ requestId: 'r1', values: { kind: 'reseller' } });
    expect(attach).toHaveBeenLastCalledWith({ requestId: 'r1', field: 'proof', name: 'proof.pdf', base64: btoa('%PDF') });
    expect(submit).toHaveBeenCalledWith({ requestId: 'r1' });
});

it('refuses a file that is too large before anything is sent', async () => {
    const element = await page();
    const large = new File(['x'], 'film.pdf');
    Object.defineProperty(large, 'size', { value: LARGEST + 1 });
    choose(element, large);
    await send(element, 'saveform');
    expect(open).not.toHaveBeenCalled();
    expect(fileField(element).error).toBe('c.Tandem_FileTooLarge');
});

it('goes on with a draft', async () => {
    show.mockResolvedValue({ ...MADE, workflow: 'partner_application', state: 'draft', values: { kind: 'distributor' } });
    edit.mockResolvedValue(MADE);
    submit.mockResolvedValue(MADE);
    const element = await page({ requestId: 'r1' });
    expect(find(element, 'c-smart-form').values.kind).toBe('distributor');
    await send(element, 'saveform');
    expect(edit).toHaveBeenCalledWith({ requestId: 'r1', values: { kind: 'reseller' } });
    expect(element.sent).toHaveBeenLastCalledWith(expect.objectContaining({ handedIn: false }));
    await send(element, 'submitform');
    expect(submit).toHaveBeenCalledTimes(1);
});

it('submits again what was rejected, its new files first, and puts the answer next to the fields', async () => {
    show.mockResolvedValue({ ...MADE, workflow: 'partner_application', state: 'rejected', values: {} });
    const element = await page({ requestId: 'r1' });
    choose(element, new File(['%PDF'], 'proof.pdf'));
    attach.mockResolvedValue({});
    resubmit.mockRejectedValueOnce(problem(400, 'One field needs your attention.', { fields: { kind: 'Choose one.' } }));
    await send(element, 'submitform');
    expect(attach).toHaveBeenCalledTimes(1);
    expect(text(element)).toContain('One field needs your attention.');
    resubmit.mockResolvedValue(MADE);
    await send(element, 'submitform');
    expect(resubmit).toHaveBeenLastCalledWith({ requestId: 'r1', values: { kind: 'reseller' } });
});

it('says that a form cannot be had, and shows another request when the target changes', async () => {
    form.mockRejectedValue(problem(404, 'There is no workflow of that name.'));
    const element = mount('c-request-entry', RequestEntry, { target: { workflow: 'x' } });
    await settled();
    expect(text(element)).toContain('There is no workflow of that name.');
    form.mockResolvedValue(FORM);
    element.target = { workflow: 'partner_application' };
    await settled();
    expect(find(element, 'c-smart-form')).not.toBeNull();
});
