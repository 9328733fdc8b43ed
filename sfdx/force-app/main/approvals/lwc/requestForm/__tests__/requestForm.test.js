import { CurrentPageReference, getNavigateCalledWith } from 'lightning/navigation';
import RequestForm from 'c/requestForm';
import { clear, find, mount, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.form', () => ({ __esModule: true, default: jest.fn().mockResolvedValue({ title: 'x', form: null }) }), { virtual: true });

afterEach(clear);

it('fills in what the address names, and goes to the request when it has arrived', async () => {
    const element = mount('c-request-form', RequestForm);
    await settled();
    expect(text(element)).toContain('c.Tandem_RequestChoose');
    CurrentPageReference.emit({ state: { workflow: 'price_exception' } });
    await settled();
    expect(find(element, 'c-request-entry').target).toEqual({ workflow: 'price_exception', requestId: undefined });
    find(element, 'c-request-entry').dispatchEvent(new CustomEvent('sent', { detail: { request: { id: 'r1' }, handedIn: true } }));
    expect(getNavigateCalledWith().pageReference).toEqual({ type: 'comm__namedPage', attributes: { name: 'Request__c' }, state: { requestId: 'r1' } });
    CurrentPageReference.emit({ state: { workflow: 'price_exception', requestId: 'r2' } });
    await settled();
    expect(find(element, 'c-request-entry').target.requestId).toBe('r2');
    await expect(element).toBeAccessible();
});
