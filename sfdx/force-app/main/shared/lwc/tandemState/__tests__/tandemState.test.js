import TandemState from 'c/tandemState';
import TandemTimeline from 'c/tandemTimeline';
import { clear, find, mount, settled, text } from '../../../../../../unit/page';

afterEach(clear);

it('says where something stands, whose turn it is, since when and until when', async () => {
    const element = mount('c-tandem-state', TandemState, {
        state: 'submitted', holder: 'Robin Berg', since: '2026-11-22T12:00:00Z', due: '2026-11-24', next: 'They decide.',
    });
    await settled();
    expect(find(element, '[data-state=submitted]')).not.toBeNull();
    const parts = [...element.shadowRoot.querySelectorAll('[data-part]')].map((part) => part.dataset.part);
    expect(parts).toEqual(['turn', 'since', 'due', 'next']);
    await expect(element).toBeAccessible();
});

it('says that nobody has to do anything, and shows a state that has no label in its own words', async () => {
    const element = mount('c-tandem-state', TandemState, { state: 'parked', words: 'Parked', due: '2026-11-24T10:00:00Z' });
    await settled();
    expect(text(element)).toContain('Parked');
    expect(text(element)).toContain('c.Tandem_TurnNobody');
});

it('shows the state alone where there is little room', async () => {
    const element = mount('c-tandem-state', TandemState, { state: 'won', compact: true });
    await settled();
    expect(text(element)).toBe('c.Tandem_State_won');
});

it('tells what happened, the newest first, with its reason', async () => {
    const element = mount('c-tandem-timeline', TandemTimeline, {
        events: [
            { at: '2026-11-22T10:00:00Z', by: 'Anna', kind: 'submit', sentence: 'x', reason: '' },
            { at: '2026-11-22T11:00:00Z', by: 'Robin', kind: 'unheard_of', sentence: 'Robin moved it.', reason: 'Because.' },
        ],
    });
    await settled();
    const lines = [...element.shadowRoot.querySelectorAll('.sentence')].map((line) => line.textContent);
    expect(lines).toEqual(['Robin moved it.', 'c.Tandem_Event_submit']);
    expect(text(element)).toContain('Because.');
    await expect(element).toBeAccessible();
});

it('says that nothing has happened', async () => {
    const element = mount('c-tandem-timeline', TandemTimeline, { events: [] });
    await settled();
    expect(text(element)).toBe('c.Tandem_TimelineEmpty');
});
