import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import attach from '@salesforce/apex/RequestController.attach';
import edit from '@salesforce/apex/RequestController.edit';
import form from '@salesforce/apex/RequestController.form';
import open from '@salesforce/apex/RequestController.open';
import resubmit from '@salesforce/apex/RequestController.resubmit';
import show from '@salesforce/apex/RequestController.show';
import submit from '@salesforce/apex/RequestController.submit';
import RequestForm from 'c/requestForm';
import { clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.attach', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.edit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.form', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.open', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.resubmit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.submit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const FORM = {
    title: 'Partner application',
    form: { sections: [{ key: 'a', title: 'A', fields: [{ name: 'kind', type: 'text', label: 'Kind' }, { name: 'proof', type: 'file', label: 'Proof' }] }] },
};
afterEach(clear);

async function page(state) {
    form.mockResolvedValue(FORM);
    const element = mount('c-request-form', RequestForm);
    CurrentPageReference.emit({ state });
    await settled();
    await settled();
    return element;
}
const send = async (element, kind, values = { kind: 'reseller' }) => {
    find(element, 'c-smart-form').dispatchEvent(new CustomEvent(kind, { detail: { values } }));
    await settled();
};

it('begins a request of any kind by the form of its workflow', async () => {
    const element = await page({ workflow: 'partner_application' });
    expect(form).toHaveBeenCalledWith({ workflow: 'partner_application', values: {}, requestId: undefined, language: expect.any(String) });
    open.mockResolvedValue({ id: 'r1', number: 'PA-1' });
    await send(element, 'submitform');
    expect(open).toHaveBeenCalledWith({ workflow: 'partner_application', values: { kind: 'reseller' }, submit: true, key: expect.stringMatching(/-submit$/) });
    expect(getNavigateCalledWith().pageReference.state).toEqual({ requestId: 'r1' });
    await expect(element).toBeAccessible();
});

it('asks for the form anew as values change, and says when that fails', async () => {
    const element = await page({ workflow: 'partner_application' });
    await send(element, 'resolve');
    expect(form).toHaveBeenCalledTimes(2);
    form.mockRejectedValueOnce(problem(503));
    await send(element, 'resolve');
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});

it('saves as a draft first, sends the files, and hands in last', async () => {
    const element = await page({ workflow: 'partner_application' });
    const file = new File(['%PDF'], 'proof.pdf');
    find(element, '[data-field=proof]').parentNode.host.dispatchEvent(new CustomEvent('fieldchange', { detail: { name: 'proof', value: [file] } }));
    open.mockResolvedValue({ id: 'r1', number: 'PA-1' });
    submit.mockResolvedValue({ id: 'r1', number: 'PA-1' });
    await send(element, 'submitform');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await settled();
    expect(open.mock.calls[0][0].submit).toBe(false);
    expect(attach).toHaveBeenCalledWith({ requestId: 'r1', field: 'proof', name: 'proof.pdf', base64: btoa('%PDF') });
    expect(submit).toHaveBeenCalledWith({ requestId: 'r1' });
});

it('goes on with a draft', async () => {
    show.mockResolvedValue({ id: 'r1', number: 'PA-1', workflow: 'partner_application', workflow_title: 'x', state: 'draft', values: { kind: 'distributor' } });
    edit.mockResolvedValue({ id: 'r1', number: 'PA-1' });
    submit.mockResolvedValue({ id: 'r1', number: 'PA-1' });
    const element = await page({ requestId: 'r1' });
    expect(find(element, 'c-smart-form').values.kind).toBe('distributor');
    await send(element, 'saveform');
    expect(edit).toHaveBeenCalledWith({ requestId: 'r1', values: { kind: 'reseller' } });
    await send(element, 'submitform');
    expect(submit).toHaveBeenCalledTimes(1);
});

it('submits again what was rejected, and puts the answer next to the fields', async () => {
    show.mockResolvedValue({ id: 'r1', number: 'PA-1', workflow: 'partner_application', state: 'rejected', values: {} });
    const element = await page({ requestId: 'r1' });
    resubmit.mockRejectedValueOnce(problem(400, 'One field needs your attention.', { fields: { kind: 'Choose one.' } }));
    await send(element, 'submitform');
    expect(text(element)).toContain('One field needs your attention.');
    resubmit.mockResolvedValue({ id: 'r1', number: 'PA-1' });
    await send(element, 'submitform');
    expect(resubmit).toHaveBeenLastCalledWith({ requestId: 'r1', values: { kind: 'reseller' } });
});

it('says that it cannot be had, and asks for one where the address names none', async () => {
    const element = mount('c-request-form', RequestForm);
    await settled();
    expect(text(element)).toContain('c.Tandem_RequestChoose');
    form.mockRejectedValue(problem(404, 'There is no workflow of that name.'));
    CurrentPageReference.emit({ state: { workflow: 'x' } });
    await settled();
    expect(text(element)).toContain('There is no workflow of that name.');
});
