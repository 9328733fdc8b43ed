import TandemReason from 'c/tandemReason';
import { all, clear, find, mount, settled } from '../../../../../../unit/page';

afterEach(clear);

it('asks why, and does it only when told so', async () => {
    const element = mount('c-tandem-reason', TandemReason, { label: 'Why?', verb: 'Withdraw deal' });
    await settled();
    const [cancel, confirm] = all(element, 'lightning-button');
    const happened = [];
    element.addEventListener('cancel', () => happened.push('cancel'));
    element.addEventListener('confirm', ({ detail }) => happened.push(detail.reason));
    find(element, 'lightning-textarea').dispatchEvent(new CustomEvent('change', { detail: { value: ' Lost interest ' } }));
    cancel.click();
    confirm.click();
    expect(happened).toEqual(['cancel', 'Lost interest']);
    expect([confirm.label, confirm.variant, confirm.disabled]).toEqual(['Withdraw deal', 'destructive', false]);
    element.busy = true;
    await settled();
    expect(confirm.disabled).toBe(true);
    await expect(element).toBeAccessible();
});
