import * as deals from 'c/dealLabels';
import * as partners from 'c/partnerLabels';
import * as records from 'c/recordLabels';
import * as requests from 'c/requestLabels';
import * as sync from 'c/syncLabels';
import { labelOf, labels } from 'c/tandemLabels';

const FEATURES = { deals, partners, records, requests, sync };

it.each(Object.entries(FEATURES))('the texts of %s have those that all pages share, unchanged', (feature, { labels: found }) => {
    expect(found).toMatchObject(labels);
    expect(Object.keys(found).length).toBeGreaterThan(Object.keys(labels).length);
});

it('has no text in two features: such a text is for all to share', () => {
    const own = Object.values(FEATURES).flatMap((feature) => Object.keys(feature.labels).filter((name) => !(name in labels)));
    expect(own.filter((name, at) => own.indexOf(name) !== at)).toEqual([]);
});

it('finds a text by a code of the API, and none where there is none', () => {
    expect(labelOf('state', 'info-needed')).toBe('c.Tandem_State_info_needed');
    expect(deals.labelOf('evidence', 'stage')).toBe('c.Tandem_Evidence_stage');
    expect(partners.labelOf('role', 'admin')).toBe('c.Tandem_Role_admin');
    expect(records.labelOf('tile', 'overdue')).toBe('c.Tandem_Tile_overdue');
    expect(requests.labelOf('step', 'not_needed')).toBe('c.Tandem_Step_not_needed');
    expect(sync.labelOf('syncHelp', 'stuck')).toBe('c.Tandem_SyncHelp_stuck');
    expect(labelOf('syncHelp', 'stuck')).toBeUndefined();
});
