import attach from '@salesforce/apex/RequestController.attach';
import detach from '@salesforce/apex/RequestController.detach';
import download from '@salesforce/apex/RequestController.download';
import files from '@salesforce/apex/RequestController.files';
import RequestFiles from 'c/requestFiles';
import { LARGEST, refusal, sizeOf } from 'c/tandemFiles';
import { all, clear, find, mount, problem, settled, text, until } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RequestController.attach', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.detach', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.download', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/RequestController.files', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const file = (id, more = {}) => ({
    id, field: '', visible: 'both', name: `${id}.pdf`, media_type: 'application/pdf', size: 2048, state: 'clean', finding: '',
    uploaded_by: 'Anna Weiss', created_at: '2026-11-22T10:00:00Z', ...more,
});
const BOTH = ['attach', 'detach'];
afterEach(() => {
    clear();
    jest.resetAllMocks();
});

async function page(items, actions = BOTH, properties = {}) {
    files.mockResolvedValue({ items, actions });
    const element = mount('c-request-files', RequestFiles, { requestId: 'r1', state: 'draft', ...properties });
    await settled();
    return element;
}
async function choose(element, ...list) {
    const input = all(element, 'lightning-input').find((one) => one.type === 'file');
    input.dispatchEvent(new CustomEvent('change', { detail: { files: list } }));
    await until(() => !input.disabled);
}
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);

it('lists the files by state, and hands out only what was found clean', async () => {
    const form = { sections: [{ fields: [{ name: 'proof', label: 'Proof of purchase' }] }] };
    const element = await page(
        [file('a', { field: 'proof' }), file('b', { state: 'quarantine' }), file('c', { state: 'refused', finding: 'Eicar.' }), file('d', { size: LARGEST + 1 })],
        [], { form },
    );
    expect(all(element, '[data-file] button').map((one) => one.dataset.id)).toEqual(['a']);
    expect(text(element)).toContain('Proof of purchase · 2 KB · Anna Weiss');
    for (const words of ['FileWaits', 'FileRefused', 'FileTooLargeHere']) expect(text(element)).toContain(`c.Tandem_${words}`);
    expect(all(element, 'lightning-input')).toHaveLength(0);
    expect(all(element, 'lightning-button-icon').map((one) => one.iconName)).toEqual(['utility:refresh']);
    await expect(element).toBeAccessible();
});

it('fetches a file through the controller and hands it to the reader', async () => {
    const element = await page([file('a')]);
    URL.createObjectURL = jest.fn(() => 'blob:x');
    URL.revokeObjectURL = jest.fn();
    const click = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
    download.mockResolvedValue({ name: 'a.pdf', type: 'application/pdf', base64: btoa('%PDF') });
    find(element, '[data-file] button').click();
    await settled();
    expect(download).toHaveBeenCalledWith({ requestId: 'r1', attachmentId: 'a' });
    expect(URL.createObjectURL.mock.calls[0][0].size).toBe(4);
    click.mockRestore();
    download.mockRejectedValue(problem(409, 'a.pdf has not been checked yet.'));
    find(element, '[data-file] button').click();
    await settled();
    expect(text(element)).toContain('a.pdf has not been checked yet.');
});

it('adds files one by one, says which was refused, and shows those that had arrived', async () => {
    const element = await page([]);
    expect(text(element)).toContain('c.Tandem_FilesEmptyHelp');
    attach.mockResolvedValueOnce({}).mockRejectedValueOnce(problem(400, 'two.exe is of a type that is not taken here.'));
    files.mockResolvedValue({ items: [file('one')], actions: BOTH });
    await choose(element, new File(['1'], 'one.pdf'), new File(['2'], 'two.exe'));
    expect(attach.mock.calls.map(([call]) => [call.name, call.base64, call.visible])).toEqual([['one.pdf', btoa('1'), 'both'], ['two.exe', btoa('2'), 'both']]);
    expect(text(element)).toContain('two.exe is of a type that is not taken here.');
    expect(all(element, '[data-file]')).toHaveLength(1);
});

it('sends nothing that is too large or empty, and lets the company keep a file to itself', async () => {
    const element = await page([], ['attach'], { company: true });
    await choose(element, new File([], 'empty.pdf'));
    expect(text(element)).toContain('c.Tandem_FileEmpty');
    const large = new File(['x'], 'film.pdf');
    Object.defineProperty(large, 'size', { value: LARGEST + 1 });
    expect([refusal([large]), refusal([large], 10), sizeOf(LARGEST), sizeOf(1)]).toEqual(['c.Tandem_FileTooLarge', 'c.Tandem_FileTooLarge', '2 MB', '1 KB']);
    find(element, 'lightning-input').dispatchEvent(new CustomEvent('change', { detail: { checked: true } }));
    attach.mockResolvedValue({});
    await choose(element, new File(['1'], 'note.pdf'));
    expect(attach).toHaveBeenCalledTimes(1);
    expect(attach.mock.calls[0][0].visible).toBe('company');
});

it('removes a file after asking once, and keeps it when told so', async () => {
    const element = await page([file('a')]);
    const ask = () => find(element, '[data-file] lightning-button-icon').click();
    ask();
    await settled();
    button(element, 'c.Tandem_Cancel').click();
    await settled();
    expect(find(element, '[role=alertdialog]')).toBeNull();
    ask();
    await settled();
    await expect(element).toBeAccessible();
    detach.mockResolvedValue({ items: [], actions: BOTH });
    const changed = jest.fn();
    element.addEventListener('changed', changed);
    button(element, 'c.Tandem_FileRemoveNow').click();
    await settled();
    expect(detach).toHaveBeenCalledWith({ requestId: 'r1', attachmentId: 'a' });
    expect(all(element, '[data-file]')).toHaveLength(0);
    expect(changed).toHaveBeenCalledTimes(1);
});

it('asks anew when the request has moved, and says when the files cannot be had', async () => {
    const element = await page([]);
    files.mockRejectedValue(problem(503));
    element.state = 'submitted';
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
});
