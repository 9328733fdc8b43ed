import activity from '@salesforce/label/c.Tandem_Activity';
import activityAssigned from '@salesforce/label/c.Tandem_ActivityAssigned';
import activityCount from '@salesforce/label/c.Tandem_ActivityCount';
import activityEmpty from '@salesforce/label/c.Tandem_ActivityEmpty';
import activityEmptyHelp from '@salesforce/label/c.Tandem_ActivityEmptyHelp';
import activityKind from '@salesforce/label/c.Tandem_ActivityKind';
import activityNoneOfKind from '@salesforce/label/c.Tandem_ActivityNoneOfKind';
import activityTakenOff from '@salesforce/label/c.Tandem_ActivityTakenOff';
import activity_all from '@salesforce/label/c.Tandem_Activity_all';
import activity_assignment from '@salesforce/label/c.Tandem_Activity_assignment';
import activity_decision from '@salesforce/label/c.Tandem_Activity_decision';
import activity_registration from '@salesforce/label/c.Tandem_Activity_registration';
import activity_request from '@salesforce/label/c.Tandem_Activity_request';
import assign from '@salesforce/label/c.Tandem_Assign';
import assignAskOwner from '@salesforce/label/c.Tandem_AssignAskOwner';
import assignCandidates from '@salesforce/label/c.Tandem_AssignCandidates';
import assignCandidatesNone from '@salesforce/label/c.Tandem_AssignCandidatesNone';
import assignChange from '@salesforce/label/c.Tandem_AssignChange';
import assignChoose from '@salesforce/label/c.Tandem_AssignChoose';
import assignDone from '@salesforce/label/c.Tandem_AssignDone';
import assignEnded from '@salesforce/label/c.Tandem_AssignEnded';
import assignHistory from '@salesforce/label/c.Tandem_AssignHistory';
import assignManner_automatic from '@salesforce/label/c.Tandem_AssignManner_automatic';
import assignManner_crm from '@salesforce/label/c.Tandem_AssignManner_crm';
import assignManner_hand from '@salesforce/label/c.Tandem_AssignManner_hand';
import assignManner_registration from '@salesforce/label/c.Tandem_AssignManner_registration';
import assignMore from '@salesforce/label/c.Tandem_AssignMore';
import assignNone from '@salesforce/label/c.Tandem_AssignNone';
import assignNoneHelp from '@salesforce/label/c.Tandem_AssignNoneHelp';
import assignOff from '@salesforce/label/c.Tandem_AssignOff';
import assignOver from '@salesforce/label/c.Tandem_AssignOver';
import assignReason from '@salesforce/label/c.Tandem_AssignReason';
import assignReasonOff from '@salesforce/label/c.Tandem_AssignReasonOff';
import assignRecommended from '@salesforce/label/c.Tandem_AssignRecommended';
import assignSearch from '@salesforce/label/c.Tandem_AssignSearch';
import assignTakeOff from '@salesforce/label/c.Tandem_AssignTakeOff';
import assignTo from '@salesforce/label/c.Tandem_AssignTo';
import assignUndo from '@salesforce/label/c.Tandem_AssignUndo';
import assignedPartner from '@salesforce/label/c.Tandem_AssignedPartner';
import candidate_certified from '@salesforce/label/c.Tandem_Candidate_certified';
import candidate_full from '@salesforce/label/c.Tandem_Candidate_full';
import candidate_no_weight from '@salesforce/label/c.Tandem_Candidate_no_weight';
import candidate_not_active from '@salesforce/label/c.Tandem_Candidate_not_active';
import candidate_not_certified from '@salesforce/label/c.Tandem_Candidate_not_certified';
import candidate_open from '@salesforce/label/c.Tandem_Candidate_open';
import candidate_room from '@salesforce/label/c.Tandem_Candidate_room';
import candidate_sells_elsewhere from '@salesforce/label/c.Tandem_Candidate_sells_elsewhere';
import candidate_sells_in from '@salesforce/label/c.Tandem_Candidate_sells_in';
import inboxDue from '@salesforce/label/c.Tandem_InboxDue';
import inboxDue_all from '@salesforce/label/c.Tandem_InboxDue_all';
import inboxDue_overdue from '@salesforce/label/c.Tandem_InboxDue_overdue';
import inboxDue_today from '@salesforce/label/c.Tandem_InboxDue_today';
import inboxDue_week from '@salesforce/label/c.Tandem_InboxDue_week';
import inboxNotFound from '@salesforce/label/c.Tandem_InboxNotFound';
import inboxSearchHint from '@salesforce/label/c.Tandem_InboxSearchHint';
import inboxSort from '@salesforce/label/c.Tandem_InboxSort';
import inboxSort_due from '@salesforce/label/c.Tandem_InboxSort_due';
import inboxSort_newest from '@salesforce/label/c.Tandem_InboxSort_newest';
import recordApproval from '@salesforce/label/c.Tandem_RecordApproval';
import recordApprovalEmpty from '@salesforce/label/c.Tandem_RecordApprovalEmpty';
import recordApprovalEmptyHelp from '@salesforce/label/c.Tandem_RecordApprovalEmptyHelp';
import recordApprovalMore from '@salesforce/label/c.Tandem_RecordApprovalMore';
import recordApprovalNotYours from '@salesforce/label/c.Tandem_RecordApprovalNotYours';
import recordApprovalOpen from '@salesforce/label/c.Tandem_RecordApprovalOpen';
import recordApprovalWhich from '@salesforce/label/c.Tandem_RecordApprovalWhich';
import recordSync from '@salesforce/label/c.Tandem_RecordSync';
import recordsAmount from '@salesforce/label/c.Tandem_RecordsAmount';
import recordsCount from '@salesforce/label/c.Tandem_RecordsCount';
import recordsDay from '@salesforce/label/c.Tandem_RecordsDay';
import recordsEmpty from '@salesforce/label/c.Tandem_RecordsEmpty';
import recordsEmptyHelp from '@salesforce/label/c.Tandem_RecordsEmptyHelp';
import recordsFind from '@salesforce/label/c.Tandem_RecordsFind';
import recordsMine from '@salesforce/label/c.Tandem_RecordsMine';
import recordsName from '@salesforce/label/c.Tandem_RecordsName';
import recordsNew from '@salesforce/label/c.Tandem_RecordsNew';
import recordsNotFound from '@salesforce/label/c.Tandem_RecordsNotFound';
import recordsOwner from '@salesforce/label/c.Tandem_RecordsOwner';
import recordsSort from '@salesforce/label/c.Tandem_RecordsSort';
import recordsSort_changed from '@salesforce/label/c.Tandem_RecordsSort_changed';
import recordsSort_day from '@salesforce/label/c.Tandem_RecordsSort_day';
import recordsSort_name from '@salesforce/label/c.Tandem_RecordsSort_name';
import recordsState from '@salesforce/label/c.Tandem_RecordsState';
import recordsWhich from '@salesforce/label/c.Tandem_RecordsWhich';
import recordsWhich_all from '@salesforce/label/c.Tandem_RecordsWhich_all';
import recordsWhich_assigned from '@salesforce/label/c.Tandem_RecordsWhich_assigned';
import recordsWhich_unassigned from '@salesforce/label/c.Tandem_RecordsWhich_unassigned';
import records_Account from '@salesforce/label/c.Tandem_Records_Account';
import records_Lead from '@salesforce/label/c.Tandem_Records_Lead';
import records_Opportunity from '@salesforce/label/c.Tandem_Records_Opportunity';
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
import sync_conflict from '@salesforce/label/c.Tandem_Sync_conflict';
import sync_deleted from '@salesforce/label/c.Tandem_Sync_deleted';
import sync_pending from '@salesforce/label/c.Tandem_Sync_pending';
import sync_refused from '@salesforce/label/c.Tandem_Sync_refused';
import sync_stuck from '@salesforce/label/c.Tandem_Sync_stuck';
import sync_synced from '@salesforce/label/c.Tandem_Sync_synced';
import sync_unknown from '@salesforce/label/c.Tandem_Sync_unknown';
import tileAll from '@salesforce/label/c.Tandem_TileAll';
import tileAtLeast from '@salesforce/label/c.Tandem_TileAtLeast';
import tileMore from '@salesforce/label/c.Tandem_TileMore';
import tileNone from '@salesforce/label/c.Tandem_TileNone';
import tile_conflicts from '@salesforce/label/c.Tandem_Tile_conflicts';
import tile_expiring from '@salesforce/label/c.Tandem_Tile_expiring';
import tile_overdue from '@salesforce/label/c.Tandem_Tile_overdue';
import tile_overlaps from '@salesforce/label/c.Tandem_Tile_overlaps';
import tile_stuck from '@salesforce/label/c.Tandem_Tile_stuck';
import tile_today from '@salesforce/label/c.Tandem_Tile_today';
import tiles from '@salesforce/label/c.Tandem_Tiles';
import { labels as shared } from 'c/tandemLabels';

/** Every text of the records' pages, in the reader's language, with those that all pages share. */
export const labels = {
    ...shared,
    activity,
    activityAssigned,
    activityCount,
    activityEmpty,
    activityEmptyHelp,
    activityKind,
    activityNoneOfKind,
    activityTakenOff,
    activity_all,
    activity_assignment,
    activity_decision,
    activity_registration,
    activity_request,
    assign,
    assignAskOwner,
    assignCandidates,
    assignCandidatesNone,
    assignChange,
    assignChoose,
    assignDone,
    assignEnded,
    assignHistory,
    assignManner_automatic,
    assignManner_crm,
    assignManner_hand,
    assignManner_registration,
    assignMore,
    assignNone,
    assignNoneHelp,
    assignOff,
    assignOver,
    assignReason,
    assignReasonOff,
    assignRecommended,
    assignSearch,
    assignTakeOff,
    assignTo,
    assignUndo,
    assignedPartner,
    candidate_certified,
    candidate_full,
    candidate_no_weight,
    candidate_not_active,
    candidate_not_certified,
    candidate_open,
    candidate_room,
    candidate_sells_elsewhere,
    candidate_sells_in,
    inboxDue,
    inboxDue_all,
    inboxDue_overdue,
    inboxDue_today,
    inboxDue_week,
    inboxNotFound,
    inboxSearchHint,
    inboxSort,
    inboxSort_due,
    inboxSort_newest,
    recordApproval,
    recordApprovalEmpty,
    recordApprovalEmptyHelp,
    recordApprovalMore,
    recordApprovalNotYours,
    recordApprovalOpen,
    recordApprovalWhich,
    recordSync,
    recordsAmount,
    recordsCount,
    recordsDay,
    recordsEmpty,
    recordsEmptyHelp,
    recordsFind,
    recordsMine,
    recordsName,
    recordsNew,
    recordsNotFound,
    recordsOwner,
    recordsSort,
    recordsSort_changed,
    recordsSort_day,
    recordsSort_name,
    recordsState,
    recordsWhich,
    recordsWhich_all,
    recordsWhich_assigned,
    recordsWhich_unassigned,
    records_Account,
    records_Lead,
    records_Opportunity,
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
    sync_conflict,
    sync_deleted,
    sync_pending,
    sync_refused,
    sync_stuck,
    sync_synced,
    sync_unknown,
    tileAll,
    tileAtLeast,
    tileMore,
    tileNone,
    tile_conflicts,
    tile_expiring,
    tile_overdue,
    tile_overlaps,
    tile_stuck,
    tile_today,
    tiles,
};

/** The text for a code of the API, such as `sync` and `stuck`; undefined where there is none. */
export function labelOf(kind, code) {
    return labels[`${kind}_${String(code).replaceAll('-', '_')}`];
}
