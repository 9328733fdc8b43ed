import { byState, choosable, question, shown } from 'c/tandemFilters';

const FILTERS = [
    { name: 'q', kind: 'text' },
    byState([
        { value: 'won', label: 'Won' },
        { value: 'lost', label: 'Lost' },
    ]),
    { name: 'due', all: 'Any', options: [{ value: 'today', label: 'Today' }] },
    { name: 'mine', kind: 'check' },
];

it('asks the server for what is chosen, and for null where nothing is', () => {
    expect(question(FILTERS, {})).toEqual({ q: '', state: null, due: null, mine: false });
    const chosen = { q: 'Acme', state: 'won', due: 'today', mine: true };
    expect(question(FILTERS, chosen)).toEqual(chosen);
});

it('shows what the server counts, all of it where nothing is chosen, and no counts where it counts nothing', () => {
    const labels = (counts) => shown(FILTERS, {}, counts).map(({ options }) => options?.map(({ label }) => label));
    expect(labels({ won: 2, draft: 1 })).toEqual([undefined, ['c.Tandem_AllStates (3)', 'Won (2)', 'Lost (0)'], ['Any', 'Today'], undefined]);
    expect(labels(undefined)[1]).toEqual(['c.Tandem_AllStates', 'Won', 'Lost']);
});

it('takes over of kept filters what can still be chosen', () => {
    expect(choosable(FILTERS, { q: 'Acme', state: 'draft', due: 'today', gone: 'x' })).toEqual({ q: 'Acme', due: 'today', mine: false });
});
