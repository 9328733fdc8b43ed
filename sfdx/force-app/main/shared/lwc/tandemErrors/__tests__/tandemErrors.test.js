import { country, day, daysUntil, format, moment, money, relative } from 'c/tandemFormat';
import { forget, keep, kept } from 'c/tandemDraft';
import { explain } from 'c/tandemErrors';
import TandemEmpty from 'c/tandemEmpty';
import TandemError from 'c/tandemError';
import TandemExplanation from 'c/tandemExplanation';
import TandemLoading from 'c/tandemLoading';
import { clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

afterEach(clear);

describe('an error is told in one sentence', () => {
    it('gives the sentence and the fields of Tandem', () => {
        const told = explain(problem(400, 'One field needs your attention.', { code: 'bad_input', fields: { amount: 'Give it.' } }));
        expect(told).toMatchObject({ sentence: 'One field needs your attention.', fields: { amount: 'Give it.' }, retry: false, signIn: false });
    });

    it('knows a service that is away, a session that has ended, and what is not there', () => {
        expect(explain(problem(503))).toMatchObject({ sentence: 'c.Tandem_ErrorAway', retry: true });
        expect(explain(problem(401))).toMatchObject({ sentence: 'c.Tandem_ErrorSession', signIn: true });
        expect(explain(problem(404))).toMatchObject({ sentence: 'c.Tandem_ErrorNotFound', retry: false });
        expect(explain(problem(429, 'Too many.'))).toMatchObject({ sentence: 'Too many.', retry: true });
    });

    it('tells what the platform says by itself, and never nothing', () => {
        expect(explain({ body: { message: 'You do not have access to the Apex class.' } }).sentence).toBe('You do not have access to the Apex class.');
        expect(explain({ body: [{ message: 'First.' }, { message: 'Second.' }] }).sentence).toBe('First. Second.');
        expect(explain({ body: { pageErrors: [{ message: 'Page.' }] } }).sentence).toBe('Page.');
        expect(explain(undefined).sentence).toBe('c.Tandem_ErrorAway');
        expect(explain(problem(418)).sentence).toBe('c.Tandem_ErrorUnknown');
    });
});

describe('numbers, dates and times', () => {
    it('are written for the reader', () => {
        expect([country('US'), country('Germany'), country(null)]).toEqual(['United States', 'Germany', '']);
        expect(money('48600.00', 'USD')).toBe('USD\u00a048,600.00');
        expect(money('1250', '')).toBe('1,250.00');
        expect(money(null, 'USD')).toBe('');
        expect(day('2027-03-14')).toBe('Mar 14, 2027');
        expect(day('')).toBe('');
        expect(moment(undefined)).toBe('');
        expect(moment('2026-11-22T12:00:00Z')).toMatch(/Nov 2\d, 2026/);
        expect(format('{0} of {1}, {2}', 1, 2)).toBe('1 of 2, {2}');
    });

    it('say how long it is', () => {
        const now = Date.parse('2026-11-22T12:00:00Z');
        expect(relative('2026-11-22T10:00:00Z', now)).toBe('2 hours ago');
        expect(relative('2026-11-22T12:00:05Z', now)).toBe('this minute');
        expect(relative('', now)).toBe('');
        expect(daysUntil('2026-12-02', now)).toBe(10);
        expect(daysUntil('2026-11-21', now)).toBe(-1);
    });
});

describe('what was typed', () => {
    it('is kept for two weeks, and forgotten when it was sent', () => {
        expect(keep('deal:new', { amount: '1' }, 1000)).toBe(true);
        expect(kept('deal:new', 2000)).toEqual({ at: 1000, values: { amount: '1' } });
        expect(kept('deal:new', 1000 + 15 * 86_400_000)).toBeNull();
        expect(kept('deal:new', 2000)).toBeNull();
        keep('deal:new', {}, 1000);
        forget('deal:new');
        expect(kept('deal:new', 2000)).toBeNull();
    });

    it('does no harm where the browser keeps nothing', () => {
        const broken = jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
            throw new Error('full');
        });
        expect(keep('x', {})).toBe(false);
        broken.mockRestore();
        localStorage.setItem('tandem-draft:undefined:bad', '{');
        expect(kept('bad')).toBeNull();
    });
});

describe('the four states of a page', () => {
    it('show an error with a retry, and are accessible', async () => {
        const element = mount('c-tandem-error', TandemError, { error: problem(503) });
        const retry = jest.fn();
        element.addEventListener('retry', retry);
        await settled();
        expect(text(element)).toContain('c.Tandem_ErrorAway');
        find(element, 'lightning-button').click();
        expect(retry).toHaveBeenCalledTimes(1);
        element.focus();
        await expect(element).toBeAccessible();
    });

    it('offer to sign in again, and no retry, when the session has ended', async () => {
        const element = mount('c-tandem-error', TandemError, { error: problem(401), always: true });
        await settled();
        expect(find(element, 'lightning-button').label).toBe('c.Tandem_SignInAgain');
    });

    it('show nothing where there is no error', async () => {
        const element = mount('c-tandem-error', TandemError);
        await settled();
        expect(text(element)).toBe('');
    });

    it('show what would be here and how to start', async () => {
        const element = mount('c-tandem-empty', TandemEmpty, { heading: 'No deals yet', text: 'They will be here.', action: 'Register' });
        const action = jest.fn();
        element.addEventListener('action', action);
        await settled();
        find(element, 'lightning-button').click();
        expect(action).toHaveBeenCalled();
        await expect(element).toBeAccessible();
    });

    it('show the outline of what is coming', async () => {
        const element = mount('c-tandem-loading', TandemLoading, { rows: 3 });
        await settled();
        expect(element.shadowRoot.querySelectorAll('.bar')).toHaveLength(3);
        await expect(element).toBeAccessible();
    });

    it('open the explanation of a figure', async () => {
        const element = mount('c-tandem-explanation', TandemExplanation, { value: '7', rows: [{ label: 'Rate', value: '7 %' }], summary: 'By tier.' });
        await settled();
        const button = find(element, 'button');
        expect(button.getAttribute('aria-expanded')).toBe('false');
        button.click();
        await settled();
        expect(button.getAttribute('aria-expanded')).toBe('true');
        expect(text(element)).toContain('Rate 7 %');
        await expect(element).toBeAccessible();
    });
});
