import SmartForm from 'c/smartForm';
import { all, clear, find, mount, settled, text } from '../../../../../../unit/page';

const field = (name, type, more = {}) => ({ name, type, label: name, ...more });
const description = (...fields) => ({ sections: [{ key: 'one', title: 'One', help: 'Help.', fields }] });
const EVERY_KIND = description(
    field('name', 'text', { required: true, value: 'Acme', provenance: 'from your company record' }),
    field('note', 'long_text'), field('colour', 'choice', { options: ['red', { value: 'blue', label: 'Blue' }] }),
    field('many', 'multi_choice', { options: [{ value: 'a', label: 'A' }] }), field('agreed', 'boolean'),
    field('amount', 'money'), field('currency', 'currency', { value: 'EUR', options: ['EUR'] }), field('day', 'date'),
    field('country', 'country', { search: '/api/references/country' }), field('countries', 'multi_choice', { search: '/api/references/country' }), field('hidden', 'text', { visible: false, value: 'x' }),
    field('fixed', 'money', { read_only: true, value: '5.00' }), field('since', 'date', { read_only: true, value: '2027-03-14' }),
    field('sure', 'boolean', { read_only: true, value: true }), field('nothing', 'text', { read_only: true }),
    field('proof', 'file', { accepts: { extensions: ['pdf'], max_count: 2 } }),
    field('lines', 'lines', { max_lines: 3, fields: [field('product', 'text', { required: true }), field('count', 'integer'), field('kind', 'choice', { options: [{ value: 'a', label: 'A' }] })] }),
);

jest.mock('@salesforce/apex/RequestController.references', () => ({ default: jest.fn().mockResolvedValue({ items: [] }) }), { virtual: true });

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
    jest.useRealTimers();
    clear();
});

const typed = (form, name, value) =>
    find(form, `[data-field=${name}]`).parentNode.host.dispatchEvent(new CustomEvent('fieldchange', { detail: { name, value } }));

async function form(properties = {}) {
    const element = mount('c-smart-form', SmartForm, { description: EVERY_KIND, submitLabel: 'Send', saveLabel: 'Save', ...properties });
    await settled();
    return element;
}

it('shows every kind of field, hides what is hidden, and says where a value came from', async () => {
    const element = await form();
    expect(all(element, '[data-field]').map((one) => one.dataset.field)).not.toContain('hidden');
    expect(text(element)).toContain('from your company record');
    expect(text(element)).toContain('EUR 5.00');
    expect(text(element)).toContain('Mar 14, 2027');
    expect(text(element)).toContain('c.Tandem_Yes');
    jest.useRealTimers();
    await expect(element).toBeAccessible();
});

it('gives what a person sees, without what is hidden, locked or a file, and nothing for an emptied number', async () => {
    const element = await form({ values: { note: 'given' } });
    typed(element, 'amount', '');
    typed(element, 'colour', 'blue');
    expect(element.current()).toEqual({ name: 'Acme', note: 'given', colour: 'blue', amount: null, currency: 'EUR' });
});

it('asks for the description anew a moment after something changed, once for many keystrokes', async () => {
    const element = await form();
    const resolve = jest.fn();
    element.addEventListener('resolve', resolve);
    typed(element, 'name', 'A');
    typed(element, 'name', 'Ab');
    expect(resolve).not.toHaveBeenCalled();
    jest.runAllTimers();
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(resolve.mock.calls[0][0].detail.values.name).toBe('Ab');
});

it('keeps what is typed, takes it up again, and drops it when told so or when it has arrived', async () => {
    const first = await form({ draftName: 'deal:new' });
    typed(first, 'name', 'Kept');
    document.body.removeChild(first);
    const second = await form({ draftName: 'deal:new' });
    expect(second.values.name).toBe('Kept');
    expect(text(second)).toContain('c.Tandem_DraftRestored');
    find(second, '.discard').click();
    await settled();
    expect(second.values.name).toBeUndefined();
    typed(second, 'name', 'Sent');
    second.sent();
    document.body.removeChild(second);
    const third = await form({ draftName: 'deal:new' });
    expect(third.values.name).toBeUndefined();
});

it('hands in what is complete, and nothing while a field is wrong', async () => {
    const element = await form();
    const submitted = jest.fn();
    const saved = jest.fn();
    element.addEventListener('submitform', submitted);
    element.addEventListener('saveform', saved);
    const inputs = all(element, 'lightning-input, lightning-textarea, lightning-checkbox-group, lightning-select');
    inputs.forEach((input) => (input.reportValidity = () => false));
    find(element, '[data-action=submit]').click();
    expect(submitted).not.toHaveBeenCalled();
    inputs.forEach((input) => (input.reportValidity = () => true));
    find(element, '[data-action=submit]').click();
    expect(submitted).toHaveBeenCalledTimes(1);
    find(element, '[data-action=save]').click();
    expect(saved).toHaveBeenCalledTimes(1);
});

it('shows the API\'s sentence next to its field until the field changes', async () => {
    const element = await form();
    element.fieldErrors = { name: 'Name the customer.', 'lines.0.product': 'Say which product.' };
    await settled();
    expect(all(element, 'c-smart-field').find((one) => one.field.name === 'name').error).toBe('Name the customer.');
    expect(all(element, 'c-smart-field').find((one) => one.field.name === 'lines').error).toBe('Say which product.');
    typed(element, 'name', 'x');
    await settled();
    expect(element.fieldErrors).toEqual({ 'lines.0.product': 'Say which product.' });
});

it('tells each kind of change with its value', async () => {
    const element = await form();
    const change = (selector, detail) => find(element, selector).dispatchEvent(new CustomEvent('change', { detail, bubbles: false }));
    change('[data-field=name] lightning-input', { value: 'N' });
    change('[data-field=amount] lightning-input', { value: 12.5 });
    change('[data-field=agreed] lightning-input', { checked: true });
    change('[data-field=colour] lightning-select', { value: 'red' });
    const file = { name: 'a.pdf' };
    change('[data-field=proof] lightning-input', { files: [file] });
    find(element, '[data-field=name] lightning-input').dispatchEvent(new CustomEvent('blur'));
    await settled();
    expect(element.current()).toMatchObject({ name: 'N', amount: '12.5', agreed: true, colour: 'red' });
    expect(element.files()).toEqual({ proof: [file] });
    expect(text(element)).toContain('a.pdf');
});

it('adds, changes, pastes and removes lines', async () => {
    const element = await form();
    const lines = find(element, 'c-smart-lines');
    find(lines, 'lightning-button').click();
    await settled();
    const cell = find(lines, '[data-column=product]');
    cell.dispatchEvent(new CustomEvent('change', { detail: { value: 'Switch' } }));
    await settled();
    const paste = new CustomEvent('paste', { cancelable: true });
    paste.clipboardData = { getData: () => 'Router\t3\nSwitch\t4\nHub\t5\nFan\t6\n' };
    find(lines, '[data-column=product]').dispatchEvent(paste);
    await settled();
    expect(element.current().lines).toEqual([{ product: 'Router', count: '3' }, { product: 'Switch', count: '4' }, { product: 'Hub', count: '5' }]);
    find(lines, 'lightning-button-icon').click();
    await settled();
    expect(element.current().lines.map((line) => line.product)).toEqual(['Switch', 'Hub']);
    const plain = new CustomEvent('paste', { cancelable: true });
    plain.clipboardData = { getData: () => 'one word' };
    find(lines, '[data-column=product]').dispatchEvent(plain);
    expect(plain.defaultPrevented).toBe(false);
});

it('takes several of what has to be searched for, each once, and lets each go again', async () => {
    const element = await form();
    const choose = (value, label) =>
        find(element, '[data-field=countries] c-smart-reference').dispatchEvent(new CustomEvent('change', { detail: { value, label } }));
    choose('DE', 'Germany');
    await settled();
    choose('DE', 'Germany');
    choose('FR', 'France');
    await settled();
    expect(element.current().countries).toEqual(['DE', 'FR']);
    expect(all(element, 'lightning-pill').map((pill) => pill.label)).toEqual(['Germany', 'France']);
    find(element, 'lightning-pill').dispatchEvent(new CustomEvent('remove'));
    await settled();
    expect(element.current().countries).toEqual(['FR']);
});
