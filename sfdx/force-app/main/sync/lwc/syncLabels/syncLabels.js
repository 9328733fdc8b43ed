import recordSync from '@salesforce/label/c.Tandem_RecordSync';
import sync_conflict from '@salesforce/label/c.Tandem_Sync_conflict';
import sync_deleted from '@salesforce/label/c.Tandem_Sync_deleted';
import sync_pending from '@salesforce/label/c.Tandem_Sync_pending';
import sync_refused from '@salesforce/label/c.Tandem_Sync_refused';
import sync_stuck from '@salesforce/label/c.Tandem_Sync_stuck';
import sync_synced from '@salesforce/label/c.Tandem_Sync_synced';
import sync_unknown from '@salesforce/label/c.Tandem_Sync_unknown';
import syncAgreed from '@salesforce/label/c.Tandem_SyncAgreed';
import syncAskOwner from '@salesforce/label/c.Tandem_SyncAskOwner';
import syncBase from '@salesforce/label/c.Tandem_SyncBase';
import syncChanged from '@salesforce/label/c.Tandem_SyncChanged';
import syncDecided from '@salesforce/label/c.Tandem_SyncDecided';
import syncEmpty from '@salesforce/label/c.Tandem_SyncEmpty';
import syncHelp_conflict from '@salesforce/label/c.Tandem_SyncHelp_conflict';
import syncHelp_deleted from '@salesforce/label/c.Tandem_SyncHelp_deleted';
import syncHelp_pending from '@salesforce/label/c.Tandem_SyncHelp_pending';
import syncHelp_refused from '@salesforce/label/c.Tandem_SyncHelp_refused';
import syncHelp_stuck from '@salesforce/label/c.Tandem_SyncHelp_stuck';
import syncHelp_synced from '@salesforce/label/c.Tandem_SyncHelp_synced';
import syncHelp_unknown from '@salesforce/label/c.Tandem_SyncHelp_unknown';
import syncNext from '@salesforce/label/c.Tandem_SyncNext';
import syncOurs from '@salesforce/label/c.Tandem_SyncOurs';
import syncRetried from '@salesforce/label/c.Tandem_SyncRetried';
import syncRetry from '@salesforce/label/c.Tandem_SyncRetry';
import syncTake_salesforce from '@salesforce/label/c.Tandem_SyncTake_salesforce';
import syncTake_tandem from '@salesforce/label/c.Tandem_SyncTake_tandem';
import syncTheirs from '@salesforce/label/c.Tandem_SyncTheirs';
import syncWaiting from '@salesforce/label/c.Tandem_SyncWaiting';
import syncWhole from '@salesforce/label/c.Tandem_SyncWhole';
import { finder, labels as shared } from 'c/tandemLabels';

/** Every text about the state of the sync, in the reader's language, with those that all pages share. */
export const labels = {
    ...shared,
    recordSync,
    sync_conflict,
    sync_deleted,
    sync_pending,
    sync_refused,
    sync_stuck,
    sync_synced,
    sync_unknown,
    syncAgreed,
    syncAskOwner,
    syncBase,
    syncChanged,
    syncDecided,
    syncEmpty,
    syncHelp_conflict,
    syncHelp_deleted,
    syncHelp_pending,
    syncHelp_refused,
    syncHelp_stuck,
    syncHelp_synced,
    syncHelp_unknown,
    syncNext,
    syncOurs,
    syncRetried,
    syncRetry,
    syncTake_salesforce,
    syncTake_tandem,
    syncTheirs,
    syncWaiting,
    syncWhole,
};

/** The text for a code of the API, such as `sync` and `stuck`; undefined where there is none. */
export const labelOf = finder(labels);
