import { getNavigateCalledWith } from 'lightning/navigation';
import home from '@salesforce/apex/RecordController.home';
import ChannelHome from 'c/channelHome';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/RecordController.home', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const entry = (title, more = {}) => ({ title, note: 'Lone Star', at: null, day: null, request_id: null, deal_id: null, record: null, ...more });
const RECORD = { object: 'Opportunity', sf_id: '006000000000001AAA', name: 'Acme' };
const TILES = [
    { key: 'overdue', count: 1001, at_least: true, items: [entry('DL-1', { request_id: 'r1', at: '2026-11-22T10:00:00Z' })] },
    { key: 'today', count: 0, at_least: false, items: [] },
    { key: 'expiring', count: 1, at_least: false, items: [entry('DR-1', { deal_id: 'd1', day: '2026-12-01' })] },
    { key: 'overlaps', count: 0, at_least: false, items: [] },
    { key: 'conflicts', count: 1, at_least: false, items: [entry('Acme', { record: RECORD })] },
    { key: 'stuck', count: 1, at_least: false, items: [entry('Case 500')] },
];

afterEach(clear);

it('counts what waits, each with the way to its action', async () => {
    home.mockResolvedValueOnce({ tiles: TILES, expiring_within_days: 14 });
    const element = mount('c-channel-home', ChannelHome);
    await settled();
    await settled();
    expect(all(element, '[data-tile]').map((tile) => tile.dataset.tile)).toEqual(TILES.map(({ key }) => key));
    expect(all(element, '[data-part=count]').map((one) => one.textContent)).toEqual(['c.Tandem_TileAtLeast', '0', '1', '0', '1', '1']);
    const follow = (tile) => {
        find(element, `[data-tile=${tile}] li a`).click();
        return getNavigateCalledWith().pageReference;
    };
    expect(follow('overdue').state).toEqual({ c__requestId: 'r1' });
    expect(follow('expiring').state).toEqual({ c__dealId: 'd1' });
    expect(follow('conflicts').attributes).toEqual({ objectApiName: 'Opportunity', recordId: RECORD.sf_id, actionName: 'view' });
    expect(find(element, '[data-tile=stuck] li a')).toBeNull();
    find(element, '[data-tile=overdue] > a').click();
    expect(getNavigateCalledWith().pageReference.state).toEqual({ c__due: 'overdue' });
    expect(text(find(element, '[data-tile=today]'))).toContain('c.Tandem_TileNone');
    await expect(element).toBeAccessible();
});

it('says that the service is away, and asks again', async () => {
    home.mockRejectedValueOnce(problem(503));
    const element = mount('c-channel-home', ChannelHome);
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    home.mockResolvedValueOnce({ tiles: [], expiring_within_days: 14 });
    all(element, 'lightning-button')[0].click();
    await settled();
    expect(text(element)).not.toContain('c.Tandem_ErrorAway');
});
