import find_ from '@salesforce/apex/RequestController.references';
import SmartReference from 'c/smartReference';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.references', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const COUNTRIES = [{ value: 'DE', label: 'Germany', note: 'DE' }, { value: 'DK', label: 'Denmark', note: 'DK' }];
const FIELD = { name: 'country', label: 'Country', required: true, help: 'Where it is.', search: '/api/references/country' };

beforeEach(() => {
    jest.useFakeTimers();
    find_.mockResolvedValue({ items: COUNTRIES });
});
afterEach(() => {
    jest.useRealTimers();
    clear();
});

async function reference(properties = {}) {
    const element = mount('c-smart-reference', SmartReference, { field: FIELD, messageWhenValueMissing: 'Choose a country.', ...properties });
    await settled();
    return element;
}
async function type(element, words) {
    const input = find(element, 'input');
    input.value = words;
    input.dispatchEvent(new CustomEvent('input'));
    jest.runAllTimers();
    await settled();
    return input;
}
const press = (input, key) => input.dispatchEvent(Object.assign(new CustomEvent('keydown', { cancelable: true }), { key }));

it('offers what was searched for, and tells the choice with its value', async () => {
    const element = await reference();
    const changed = jest.fn();
    element.addEventListener('change', changed);
    await type(element, 'de');
    expect(find_).toHaveBeenCalledWith({ kind: 'country', q: 'de', language: expect.any(String) });
    all(element, '[role=option]')[1].click();
    await settled();
    expect(changed.mock.calls[0][0].detail).toEqual({ value: 'DK', label: 'Denmark' });
    expect(find(element, 'input').value).toBe('Denmark');
    expect(element.reportValidity()).toBe(true);
    jest.useRealTimers();
    await expect(element).toBeAccessible();
});

it('is used by keyboard alone', async () => {
    const element = await reference();
    const input = await type(element, 'd');
    press(input, 'ArrowDown');
    press(input, 'ArrowUp');
    press(input, 'ArrowDown');
    press(input, 'Enter');
    await settled();
    expect(element.value).toBe('DK');
    press(input, 'ArrowDown');
    await settled();
    expect(input.getAttribute('aria-expanded')).toBe('true');
    press(input, 'Escape');
    press(input, 'x');
    await settled();
    expect(input.getAttribute('aria-expanded')).toBe('false');
});

it('shows a value by its name, and takes words that mean one entry', async () => {
    const element = await reference({ value: 'DE' });
    await settled();
    expect(find(element, 'input').value).toBe('Germany');
    const input = await type(element, 'denmark');
    input.dispatchEvent(new CustomEvent('blur'));
    await settled();
    expect(element.value).toBe('DK');
    await type(element, '');
    expect(element.value).toBe('');
});

it('says what is missing, what is not on the list, and what the service says', async () => {
    const element = await reference();
    find_.mockResolvedValue({ items: [] });
    find(element, 'input').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_ReferenceNone');
    expect(element.reportValidity()).toBe(false);
    await settled();
    expect(text(element)).toContain('Choose a country.');
    const input = await type(element, 'Atlantis');
    element.setCustomValidity('Not there.');
    expect(element.reportValidity()).toBe(false);
    element.setCustomValidity('');
    input.dispatchEvent(new CustomEvent('blur'));
    find_.mockRejectedValue(problem(503, 'Away.'));
    await type(element, 'Ger');
    expect(text(element)).toContain('Away.');
    element.focus();
});
