import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import edit from '@salesforce/apex/DealController.edit';
import register from '@salesforce/apex/DealController.register';
import show from '@salesforce/apex/DealController.show';
import submit from '@salesforce/apex/DealController.submit';
import DealRegister from 'c/dealRegister';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/DealController.edit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.register', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.submit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

afterEach(clear);

async function page(state = {}) {
    const element = mount('c-deal-register', DealRegister);
    CurrentPageReference.emit({ state });
    await settled();
    await settled();
    return element;
}
const send = async (element, kind, values = { customer_name: 'Acme' }) => {
    find(element, 'c-smart-form').dispatchEvent(new CustomEvent(kind, { detail: { values } }));
    await settled();
};

it('asks for at most eight fields', async () => {
    const element = await page();
    expect(all(element, 'c-smart-field').filter((one) => one.field.required)).toHaveLength(8);
    await expect(element).toBeAccessible();
});

it('registers a deal and goes to it; a second try of the same one has the same key', async () => {
    const element = await page();
    register.mockRejectedValueOnce(problem(503));
    await send(element, 'submitform');
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    register.mockResolvedValue({ id: 'd1', number: 'DR-1', conflicts: [{}] });
    await send(element, 'submitform');
    const [first, second] = register.mock.calls.map(([call]) => call);
    expect(first.key).toBe(second.key);
    expect(second).toMatchObject({ values: { customer_name: 'Acme' }, submit: true });
    expect(getNavigateCalledWith().pageReference.state).toEqual({ dealId: 'd1' });
});

it('puts what the API says next to the fields', async () => {
    const element = await page();
    register.mockRejectedValueOnce(problem(400, 'One field is missing.', { fields: { amount: 'Give the amount you expect.' } }));
    await send(element, 'submitform');
    expect(text(element)).toContain('One field is missing.');
    expect(all(element, 'c-smart-field').find((one) => one.field.name === 'amount').error).toBe('Give the amount you expect.');
});

it('goes on with a draft, saves it, and hands it in', async () => {
    show.mockResolvedValue({ id: 'd1', actions: ['submit'], customer_name: 'Acme', amount: null });
    edit.mockResolvedValue({ id: 'd1', number: 'DR-1' });
    submit.mockResolvedValue({ id: 'd1', number: 'DR-1', conflicts: [] });
    const element = await page({ dealId: 'd1' });
    expect(find(element, 'c-smart-form').values.customer_name).toBe('Acme');
    await send(element, 'saveform');
    expect(edit).toHaveBeenCalledWith({ dealId: 'd1', values: { customer_name: 'Acme' } });
    expect(submit).not.toHaveBeenCalled();
    await send(element, 'submitform');
    expect(submit).toHaveBeenCalledWith({ dealId: 'd1' });
});

it('does not edit what was handed in, and says when a draft is not there', async () => {
    show.mockResolvedValue({ id: 'd1', actions: ['withdraw'] });
    await page({ dealId: 'd1' });
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Deal__c');
    clear();
    show.mockRejectedValue(problem(404, 'There is no such deal.'));
    const element = await page({ dealId: 'd2' });
    expect(text(element)).toContain('There is no such deal.');
});
