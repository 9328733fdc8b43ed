import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import edit from '@salesforce/apex/DealController.edit';
import show from '@salesforce/apex/DealController.show';
import DealRegister from 'c/dealRegister';
import { clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/DealController.edit', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/DealController.show', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.form', () => ({ __esModule: true, default: jest.fn().mockResolvedValue({ title: 'x', form: null }) }), { virtual: true });

afterEach(clear);

async function page(state = {}) {
    const element = mount('c-deal-register', DealRegister);
    CurrentPageReference.emit({ type: 'comm__namedPage', attributes: { name: 'Register_Deal__c' }, state });
    await settled();
    await settled();
    return element;
}
const entry = (element) => find(element, 'c-request-entry');
async function sent(element, handedIn) {
    entry(element).dispatchEvent(new CustomEvent('sent', { detail: { request: { id: 'r1', subject_id: 'd1' }, handedIn } }));
    await settled();
}

it('registers through the form of the workflow, and says when the deal overlaps another', async () => {
    const element = await page();
    expect(entry(element).target.workflow).toBe('deal_registration');
    const toast = jest.fn();
    element.addEventListener('lightning__showtoast', (event) => toast(event.detail.title));
    show.mockResolvedValueOnce({ conflicts: [{}] });
    await sent(element, true);
    expect(toast).toHaveBeenCalledWith('c.Tandem_DealOverlapsToast');
    expect(getNavigateCalledWith().pageReference.state).toEqual({ dealId: 'd1' });
    show.mockRejectedValueOnce(problem(503));
    await sent(element, true);
    await sent(element, false);
    expect(toast).toHaveBeenCalledTimes(1);
    await expect(element).toBeAccessible();
});

it('goes on with a draft; one from before there were requests gets its request first', async () => {
    show.mockResolvedValue({ id: 'd1', actions: ['submit'], request_id: 'r1' });
    const element = await page({ dealId: 'd1' });
    expect(entry(element).target.requestId).toBe('r1');
    clear();
    show.mockResolvedValue({ id: 'd2', actions: ['submit'], request_id: null });
    edit.mockResolvedValue({ id: 'd2', request_id: 'r2' });
    expect(entry(await page({ dealId: 'd2' })).target.requestId).toBe('r2');
    expect(edit).toHaveBeenCalledWith({ dealId: 'd2', values: {} });
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
