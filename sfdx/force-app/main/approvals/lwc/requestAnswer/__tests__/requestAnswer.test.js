import answer from '@salesforce/apex/RequestController.answer';
import RequestAnswer from 'c/requestAnswer';
import { clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.answer', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const ASKED = { requestId: 'r1', question: 'Which plant?' };

afterEach(clear);

async function shown(properties = ASKED) {
    const element = mount('c-request-answer', RequestAnswer, properties);
    await settled();
    return element;
}
async function write(element, value) {
    find(element, 'lightning-textarea').dispatchEvent(new CustomEvent('change', { detail: { value } }));
    await settled();
}

it('keeps an answer while it is written, for its own request only', async () => {
    const element = await shown();
    expect(find(element, 'lightning-button').disabled).toBe(true);
    await write(element, 'Lohr');
    expect(find(element, 'lightning-button').disabled).toBe(false);
    document.body.removeChild(element);
    expect(find(await shown(), 'lightning-textarea').value).toBe('Lohr');
    const other = await shown({ ...ASKED, requestId: 'r2' });
    expect(find(other, 'lightning-textarea').value).toBe('');
    await expect(other).toBeAccessible();
});

it('says that an answer did not arrive, sends it again, and then forgets it', async () => {
    const element = await shown();
    const answered = jest.fn();
    element.addEventListener('answered', ({ detail }) => answered(detail.request));
    await write(element, ' Lohr ');
    answer.mockRejectedValueOnce(problem(503));
    find(element, 'lightning-button').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    expect(answered).not.toHaveBeenCalled();
    answer.mockResolvedValueOnce({ id: 'r1', state: 'submitted' });
    find(element, 'c-tandem-error').dispatchEvent(new CustomEvent('retry'));
    await settled();
    expect(answer).toHaveBeenLastCalledWith({ requestId: 'r1', reason: 'Lohr' });
    expect(answered.mock.calls).toEqual([[{ id: 'r1', state: 'submitted' }]]);
    expect(text(element)).not.toContain('c.Tandem_ErrorAway');
    expect(localStorage).toHaveLength(0);
});
