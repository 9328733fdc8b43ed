import records_Account from '@salesforce/label/c.Tandem_Records_Account';
import records_Lead from '@salesforce/label/c.Tandem_Records_Lead';
import records_Opportunity from '@salesforce/label/c.Tandem_Records_Opportunity';
import recordsAmount from '@salesforce/label/c.Tandem_RecordsAmount';
import recordsCount from '@salesforce/label/c.Tandem_RecordsCount';
import recordsDay from '@salesforce/label/c.Tandem_RecordsDay';
import recordsEmpty from '@salesforce/label/c.Tandem_RecordsEmpty';
import recordsEmptyHelp from '@salesforce/label/c.Tandem_RecordsEmptyHelp';
import recordsFind from '@salesforce/label/c.Tandem_RecordsFind';
import recordsMine from '@salesforce/label/c.Tandem_RecordsMine';
import recordsName from '@salesforce/label/c.Tandem_RecordsName';
import recordsNew from '@salesforce/label/c.Tandem_RecordsNew';
import recordsOwner from '@salesforce/label/c.Tandem_RecordsOwner';
import recordsSort_changed from '@salesforce/label/c.Tandem_RecordsSort_changed';
import recordsSort_day from '@salesforce/label/c.Tandem_RecordsSort_day';
import recordsSort_name from '@salesforce/label/c.Tandem_RecordsSort_name';
import recordsState from '@salesforce/label/c.Tandem_RecordsState';
import recordsWhich from '@salesforce/label/c.Tandem_RecordsWhich';
import recordsWhich_all from '@salesforce/label/c.Tandem_RecordsWhich_all';
import recordsWhich_assigned from '@salesforce/label/c.Tandem_RecordsWhich_assigned';
import recordsWhich_unassigned from '@salesforce/label/c.Tandem_RecordsWhich_unassigned';
import tile_conflicts from '@salesforce/label/c.Tandem_Tile_conflicts';
import tile_expiring from '@salesforce/label/c.Tandem_Tile_expiring';
import tile_overdue from '@salesforce/label/c.Tandem_Tile_overdue';
import tile_overlaps from '@salesforce/label/c.Tandem_Tile_overlaps';
import tile_stuck from '@salesforce/label/c.Tandem_Tile_stuck';
import tile_today from '@salesforce/label/c.Tandem_Tile_today';
import tileAll from '@salesforce/label/c.Tandem_TileAll';
import tileAtLeast from '@salesforce/label/c.Tandem_TileAtLeast';
import tileMore from '@salesforce/label/c.Tandem_TileMore';
import tileNone from '@salesforce/label/c.Tandem_TileNone';
import tiles from '@salesforce/label/c.Tandem_Tiles';
import { finder, labels as shared } from 'c/tandemLabels';

/** Every text of the records' pages, in the reader's language, with those that all pages share. */
export const labels = {
    ...shared,
    records_Account,
    records_Lead,
    records_Opportunity,
    recordsAmount,
    recordsCount,
    recordsDay,
    recordsEmpty,
    recordsEmptyHelp,
    recordsFind,
    recordsMine,
    recordsName,
    recordsNew,
    recordsOwner,
    recordsSort_changed,
    recordsSort_day,
    recordsSort_name,
    recordsState,
    recordsWhich,
    recordsWhich_all,
    recordsWhich_assigned,
    recordsWhich_unassigned,
    tile_conflicts,
    tile_expiring,
    tile_overdue,
    tile_overlaps,
    tile_stuck,
    tile_today,
    tileAll,
    tileAtLeast,
    tileMore,
    tileNone,
    tiles,
};

/** The text for a code of the API, such as `tile` and `overdue`; undefined where there is none. */
export const labelOf = finder(labels);
