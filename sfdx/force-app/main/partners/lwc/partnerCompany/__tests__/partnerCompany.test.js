import { getNavigateCalledWith } from 'lightning/navigation';
import accept from '@salesforce/apex/PartnerController.accept';
import agreement from '@salesforce/apex/PartnerController.agreement';
import changeRole from '@salesforce/apex/PartnerController.changeRole';
import company from '@salesforce/apex/PartnerController.company';
import me from '@salesforce/apex/UserController.me';
import PartnerCompany from 'c/partnerCompany';
import { all, clear, find, mount, problem, settled, text } from '../../../../../../unit/page';

jest.mock('@salesforce/apex/PartnerController.accept', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/PartnerController.agreement', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/PartnerController.changeRole', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/PartnerController.company', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });
jest.mock('@salesforce/apex/UserController.me', () => ({ __esModule: true, default: jest.fn() }), { virtual: true });

const person = (id, name, roles, more = {}) => ({ id, name, email: `${id}@rhein.example`, title: 'Sales', signs_in: true, roles, ...more });
const period = (key, name, start, more = {}) => ({ key, name, plan: '', start, until: null, reason: 'They sell.', set_by: 'Mia Kern', set_at: '2026-01-02T10:00:00Z', superseded: false, ...more });
const WAITING = { version_id: 'v1', agreement: 'partner_agreement', title: 'Partner agreement', version: 2, languages: ['en', 'de'], effective_on: '2026-01-01', due_on: '2026-12-24', overdue: true };
const PARTNER = {
    id: 'p1', name: 'Rhein Automation', kind: 'reseller', status: 'active', status_words: 'Active', status_reason: '', since: '2025-02-01', level: 'silver', level_name: 'Silver',
    activation: 'ramp_up', activation_name: 'Ramp-up', region_name: 'DACH', countries: ['DE', 'AT'], manager: 'Mia Kern', open_leads: 3, lead_capacity: 20, open_deals: 2, deal_capacity: null,
    benefits: ['Ten per cent more'], levels: [period('bronze', 'Bronze', '2025-02-01', { until: '2026-01-01' }), period('silver', 'Silver', '2026-01-01', { plan: 'Plan S', until: '2032-01-01' })],
    activations: [period('ramp_up', 'Ramp-up', '2025-03-01')],
    next_level: { key: 'gold', name: 'Gold', missing: ['x'], items: [{ sentence: '1 of 4 deals won', met: false, have: 1, need: 4, task: '' }, { sentence: 'Agreement accepted', met: true, have: 1, need: 1, task: '' }] },
    next_activation: null, people: [person('u1', 'Anna Weiss', ['admin', 'seller']), person('c2', 'Ben Roth', [], { signs_in: false })],
    certifications: [{ id: 'k1', name: 'Servo drives', person: '', until: '2027-01-01', state: 'valid', revoke_reason: '' }, { id: 'k2', name: 'Welding', person: 'Ben Roth', until: null, state: 'revoked', revoke_reason: 'Left.' }],
    agreements: { waiting: [WAITING], accepted: [{ version_id: 'v0', title: 'Partner agreement', version: 1, language: 'de', sha256: 'ab12', user_name: 'Anna Weiss', name_typed: 'A. Weiss', accepted_at: '2025-02-01T10:00:00Z' }] },
    timeline: [{ at: '2026-01-02T10:00:00Z', by: 'Mia', kind: 'level', sentence: 'Level Silver.', reason: '' }, { at: '2025-02-01T10:00:00Z', by: 'Mia', kind: 'began', sentence: 'It began.', reason: '' }],
};
afterEach(clear);

async function page(more = {}, who = 'u1') {
    me.mockResolvedValue({ user_id: who, name: 'Anna Weiss' });
    company.mockResolvedValue({ ...PARTNER, ...more });
    const element = mount('c-partner-company', PartnerCompany);
    await settled();
    await settled();
    return element;
}
const button = (element, label) => all(element, 'lightning-button').find((one) => one.label === label);
const fact = (element, key) =>
    find(element, `[data-fact=${key}] c-tandem-explanation`)?.value ?? text(find(element, `[data-fact=${key}] dd`));

it('shows the company, and each figure opens its explanation', async () => {
    const element = await page();
    expect(fact(element, 'level')).toContain('Silver');
    expect(fact(element, 'countries')).toContain('Germany, Austria');
    expect(fact(element, 'leads')).toContain('c.Tandem_ProgressFigure');
    expect(fact(element, 'deals')).toContain('2');
    const why = find(element, '[data-fact=level] c-tandem-explanation');
    expect(why.summary).toBe('They sell.');
    expect(why.rows.map((row) => row.value)).toEqual(['Mia Kern', expect.any(String), 'Jan 1, 2026', 'Dec 31, 2031', 'Plan S']);
    expect(text(find(element, '[data-part=certifications]'))).toContain('c.Tandem_Certificate_revoked: Left.');
    const [first] = all(element, '.sentence');
    expect(first.textContent).toBe('Level Silver.');
    await expect(element).toBeAccessible();
});

it('shows the way to the next level as bars, and as a table one click away', async () => {
    const element = await page();
    const bars = all(element, '[data-part=level] c-partner-progress').concat(all(element, 'c-partner-progress')).slice(0, 1)[0];
    expect(all(bars, '[data-met]').map((one) => one.dataset.met)).toEqual(['false', 'true']);
    expect(all(bars, '.slds-progress-bar__value').map((one) => one.style.width)).toEqual(['25%', '100%']);
    find(bars, 'button').click();
    await settled();
    expect(all(bars, 'tbody tr')).toHaveLength(2);
    await expect(element).toBeAccessible();
    expect(text(find(element, '[data-part=onboarding]'))).toContain('c.Tandem_OnboardingSince');
});

it('lets an administrator read an agreement in another language and accept the very text that was read', async () => {
    const element = await page();
    agreement.mockResolvedValueOnce({ text: 'We work together.', sha256: 'e1', language: 'en', languages: ['de', 'en'] });
    button(element, 'c.Tandem_AgreementReadAccept').click();
    await settled();
    expect(text(element)).toContain('We work together.');
    agreement.mockResolvedValueOnce({ text: 'Wir arbeiten zusammen.', sha256: 'd1', language: 'de', languages: ['de', 'en'] });
    find(element, 'lightning-select').dispatchEvent(new CustomEvent('change', { detail: { value: 'de' } }));
    await settled();
    expect(agreement).toHaveBeenLastCalledWith({ versionId: 'v1', language: 'de' });
    expect(button(element, 'c.Tandem_AgreementAccept').disabled).toBe(true);
    all(element, 'lightning-input').find((one) => one.name === 'name').dispatchEvent(new CustomEvent('change', { detail: { value: ' Anna Weiss ' } }));
    await settled();
    await expect(element).toBeAccessible();
    accept.mockRejectedValueOnce(problem(409, 'Another version has replaced this one.'));
    button(element, 'c.Tandem_AgreementAccept').click();
    await settled();
    expect(text(element)).toContain('Another version has replaced this one.');
    accept.mockResolvedValue({ ...PARTNER, agreements: { waiting: [], accepted: [] } });
    button(element, 'c.Tandem_AgreementAccept').click();
    await settled();
    expect(accept).toHaveBeenLastCalledWith({ versionId: 'v1', language: 'de', sha256: 'd1', nameTyped: 'Anna Weiss' });
    expect(find(element, '[data-part=agreements]')).toBeNull();
});

it('tells others who can accept, and says when the text cannot be had', async () => {
    const element = await page({}, 'u9');
    agreement.mockRejectedValueOnce(problem(503));
    button(element, 'c.Tandem_AgreementRead').click();
    await settled();
    expect(text(element)).toContain('c.Tandem_ErrorAway');
    agreement.mockResolvedValueOnce({ text: 'We work together.', sha256: 'e1', language: 'en', languages: ['en'] });
    find(element, 'c-partner-agreement').shadowRoot.querySelector('c-tandem-error').dispatchEvent(new CustomEvent('retry'));
    await settled();
    expect(text(element)).toContain('c.Tandem_AgreementWho');
    expect(all(element, 'lightning-input')).toHaveLength(0);
});

it('lets an administrator give and take roles, and puts back what was refused', async () => {
    const element = await page();
    const box = (id, role) => all(element, 'lightning-input').find((one) => one.dataset.person === id && one.dataset.role === role);
    expect([box('u1', 'seller').disabled, box('c2', 'admin').disabled, box('c2', 'finance').disabled]).toEqual([true, true, false]);
    changeRole.mockResolvedValueOnce({ ...PARTNER, people: [PARTNER.people[0], { ...PARTNER.people[1], roles: ['finance'] }] });
    box('c2', 'finance').dispatchEvent(new CustomEvent('change', { detail: { checked: true } }));
    await settled();
    expect(changeRole).toHaveBeenCalledWith({ personId: 'c2', role: 'finance', take: false });
    expect(box('c2', 'finance').checked).toBe(true);
    changeRole.mockRejectedValueOnce(problem(409, 'This is the last administrator of the company.'));
    box('u1', 'admin').dispatchEvent(new CustomEvent('change', { detail: { checked: false } }));
    await settled();
    expect(text(element)).toContain('This is the last administrator of the company.');
    expect(box('u1', 'admin').checked).toBe(true);
});

it('offers to apply to a company that is no partner, and says when it cannot be had', async () => {
    me.mockResolvedValue({ user_id: 'u1' });
    company.mockRejectedValueOnce(problem(404, 'There is no such partner.'));
    const element = mount('c-partner-company', PartnerCompany);
    await settled();
    button(element, 'c.Tandem_ApplyTitle').click();
    expect(getNavigateCalledWith().pageReference.attributes.name).toBe('Apply__c');
    clear();
    company.mockRejectedValueOnce(problem(503));
    const again = mount('c-partner-company', PartnerCompany);
    await settled();
    expect(text(again)).toContain('c.Tandem_ErrorAway');
});

it('has words where there is nothing yet', async () => {
    const element = await page({ benefits: [], certifications: [], next_level: null, level: '', level_name: '', people: [], agreements: { waiting: [WAITING], accepted: [] } });
    for (const words of ['LevelNoBenefits', 'CertificationsNone']) expect(text(element)).toContain(`c.Tandem_${words}`);
    expect(find(element, '[data-fact=level] c-tandem-explanation')).toBeNull();
    expect(text(element)).toContain('c.Tandem_LevelTop');
});
