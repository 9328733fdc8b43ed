import { getNavigateCalledWith } from 'lightning/navigation';
import search from '@salesforce/apex/DealController.search';
import DealStates from 'c/dealStates';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/DealController.search', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('lightning/platformResourceLoader', () => ({ loadScript: () => Promise.reject(new Error('no canvas here')) }), { virtual: true });

afterEach(clear);

async function states() {
    const element = mount('c-deal-states', DealStates);
    await settled();
    await settled();
    return element;
}

it('counts the registrations of each state that has some, in the order of their life, each with the way to them', async () => {
    search.mockResolvedValue({ items: [], next: null, total: 6, counts: { won: 1, draft: 0, submitted: 5 } });
    const element = await states();
    expect(search).toHaveBeenCalledWith({ state: null, q: '', sortBy: '-created', pageSize: 1, cursor: null });
    expect(all(element, 'tr[data-row]').map(text)).toEqual(['c.Tandem_State_submitted 5', 'c.Tandem_State_won 1']);
    find(element, 'tr[data-row=won] a').click();
    expect(getNavigateCalledWith().pageReference).toEqual({
        type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deals' }, state: { c__state: 'won' },
    });
    await expect(element).toBeAccessible();
});

it('says that there are none yet, or that the service is away, and asks again', async () => {
    search.mockRejectedValueOnce(problem(503));
    const element = await states();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    search.mockResolvedValue({ items: [], next: null, total: 0, counts: {} });
    all(element, 'lightning-button')[0].click();
    await settled();
    expect(text(element)).not.toContain('c.Tandem_ErrorAway');
    expect(text(element)).toContain('c.Tandem_DealsEmpty');
    expect(find(element, 'c-tandem-chart')).toBeNull();
});
