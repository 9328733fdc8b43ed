import RequestState from 'c/requestState';
import { titleOf } from 'c/requestWords';
import { clear, find, mount, settled } from '../../../../../../unit/page';

afterEach(clear);

it.each([
    [{ side: 'company', who: 'Kim', due: null }, 'Kim'],
    [{ side: 'requester', who: '', due: null }, 'partner'],
    [{ side: 'company', who: '', due: null }, 'company'],
])('says who holds a request: %j', async (holder, shown) => {
    const request = { state: 'submitted', state_words: 'Submitted', state_since: '2026-11-22T10:00:00Z', holder };
    const element = mount('c-request-state', RequestState, { request });
    await settled();
    expect(find(element, 'c-tandem-state').holder).toBe(shown);
    expect(find(element, '[data-state=submitted]')).not.toBeNull();
    await expect(element).toBeAccessible();
});

it('calls a request by its title, or by its kind where it has none', () => {
    const say = jest.requireActual('c/tandemLabels').labels;
    const before = say.dealTitle;
    say.dealTitle = '{0} · {1}';
    expect(titleOf({ number: 'PA-1', title: 'Acme', workflow_title: 'Deal' })).toBe('PA-1 · Acme');
    expect(titleOf({ number: 'PA-1', title: '', workflow_title: 'Deal' })).toBe('PA-1 · Deal');
    say.dealTitle = before;
});
