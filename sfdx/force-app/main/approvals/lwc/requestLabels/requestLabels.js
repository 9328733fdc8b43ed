import answer from '@salesforce/label/c.Tandem_Answer';
import answerSend from '@salesforce/label/c.Tandem_AnswerSend';
import answerSent from '@salesforce/label/c.Tandem_AnswerSent';
import comment from '@salesforce/label/c.Tandem_Comment';
import commentAdd from '@salesforce/label/c.Tandem_CommentAdd';
import commentInternal from '@salesforce/label/c.Tandem_CommentInternal';
import commentSaved from '@salesforce/label/c.Tandem_CommentSaved';
import dealSaved from '@salesforce/label/c.Tandem_DealSaved';
import decide from '@salesforce/label/c.Tandem_Decide';
import decide_approve from '@salesforce/label/c.Tandem_Decide_approve';
import decide_approve_request from '@salesforce/label/c.Tandem_Decide_approve_request';
import decide_reject from '@salesforce/label/c.Tandem_Decide_reject';
import decide_reject_request from '@salesforce/label/c.Tandem_Decide_reject_request';
import decide_request_info from '@salesforce/label/c.Tandem_Decide_request_info';
import decide_request_info_request from '@salesforce/label/c.Tandem_Decide_request_info_request';
import decided_approve from '@salesforce/label/c.Tandem_Decided_approve';
import decided_reject from '@salesforce/label/c.Tandem_Decided_reject';
import decided_request_info from '@salesforce/label/c.Tandem_Decided_request_info';
import decideRequestTitle from '@salesforce/label/c.Tandem_DecideRequestTitle';
import decision from '@salesforce/label/c.Tandem_Decision';
import fileAdd from '@salesforce/label/c.Tandem_FileAdd';
import fileFetch from '@salesforce/label/c.Tandem_FileFetch';
import fileInternal from '@salesforce/label/c.Tandem_FileInternal';
import fileLimit from '@salesforce/label/c.Tandem_FileLimit';
import fileRefused from '@salesforce/label/c.Tandem_FileRefused';
import fileRemove from '@salesforce/label/c.Tandem_FileRemove';
import fileRemoveAsk from '@salesforce/label/c.Tandem_FileRemoveAsk';
import fileRemoved from '@salesforce/label/c.Tandem_FileRemoved';
import fileRemoveNow from '@salesforce/label/c.Tandem_FileRemoveNow';
import files from '@salesforce/label/c.Tandem_Files';
import filesCount from '@salesforce/label/c.Tandem_FilesCount';
import filesEmpty from '@salesforce/label/c.Tandem_FilesEmpty';
import filesEmptyHelp from '@salesforce/label/c.Tandem_FilesEmptyHelp';
import fileSending from '@salesforce/label/c.Tandem_FileSending';
import fileSent from '@salesforce/label/c.Tandem_FileSent';
import fileTooLargeHere from '@salesforce/label/c.Tandem_FileTooLargeHere';
import fileWaits from '@salesforce/label/c.Tandem_FileWaits';
import holder from '@salesforce/label/c.Tandem_Holder';
import inboxDue from '@salesforce/label/c.Tandem_InboxDue';
import inboxDue_all from '@salesforce/label/c.Tandem_InboxDue_all';
import inboxDue_overdue from '@salesforce/label/c.Tandem_InboxDue_overdue';
import inboxDue_today from '@salesforce/label/c.Tandem_InboxDue_today';
import inboxDue_week from '@salesforce/label/c.Tandem_InboxDue_week';
import inboxNotFound from '@salesforce/label/c.Tandem_InboxNotFound';
import inboxSearchHint from '@salesforce/label/c.Tandem_InboxSearchHint';
import inboxSort_due from '@salesforce/label/c.Tandem_InboxSort_due';
import inboxSort_newest from '@salesforce/label/c.Tandem_InboxSort_newest';
import lastChanged from '@salesforce/label/c.Tandem_LastChanged';
import myDecisions from '@salesforce/label/c.Tandem_MyDecisions';
import myDecisionsEmpty from '@salesforce/label/c.Tandem_MyDecisionsEmpty';
import myDecisionsEmptyHelp from '@salesforce/label/c.Tandem_MyDecisionsEmptyHelp';
import onBehalf from '@salesforce/label/c.Tandem_OnBehalf';
import reason_approve from '@salesforce/label/c.Tandem_Reason_approve';
import reason_reject from '@salesforce/label/c.Tandem_Reason_reject';
import reason_request_info from '@salesforce/label/c.Tandem_Reason_request_info';
import reasonHelp from '@salesforce/label/c.Tandem_ReasonHelp';
import reasonOverrideHelp from '@salesforce/label/c.Tandem_ReasonOverrideHelp';
import recall from '@salesforce/label/c.Tandem_Recall';
import recalled from '@salesforce/label/c.Tandem_Recalled';
import recallNow from '@salesforce/label/c.Tandem_RecallNow';
import recordApproval from '@salesforce/label/c.Tandem_RecordApproval';
import recordApprovalEmpty from '@salesforce/label/c.Tandem_RecordApprovalEmpty';
import recordApprovalEmptyHelp from '@salesforce/label/c.Tandem_RecordApprovalEmptyHelp';
import recordApprovalMore from '@salesforce/label/c.Tandem_RecordApprovalMore';
import recordApprovalNotYours from '@salesforce/label/c.Tandem_RecordApprovalNotYours';
import recordApprovalOpen from '@salesforce/label/c.Tandem_RecordApprovalOpen';
import recordApprovalWhich from '@salesforce/label/c.Tandem_RecordApprovalWhich';
import request from '@salesforce/label/c.Tandem_Request';
import requestChoose from '@salesforce/label/c.Tandem_RequestChoose';
import requestCount from '@salesforce/label/c.Tandem_RequestCount';
import requestSearchHint from '@salesforce/label/c.Tandem_RequestSearchHint';
import requestsEmpty from '@salesforce/label/c.Tandem_RequestsEmpty';
import requestsEmptyHelp from '@salesforce/label/c.Tandem_RequestsEmptyHelp';
import requestStart from '@salesforce/label/c.Tandem_RequestStart';
import requestSubmit from '@salesforce/label/c.Tandem_RequestSubmit';
import resubmit from '@salesforce/label/c.Tandem_Resubmit';
import said_approve from '@salesforce/label/c.Tandem_Said_approve';
import said_reject from '@salesforce/label/c.Tandem_Said_reject';
import saveDraft from '@salesforce/label/c.Tandem_SaveDraft';
import step from '@salesforce/label/c.Tandem_Step';
import step_approved from '@salesforce/label/c.Tandem_Step_approved';
import step_not_needed from '@salesforce/label/c.Tandem_Step_not_needed';
import step_open from '@salesforce/label/c.Tandem_Step_open';
import step_rejected from '@salesforce/label/c.Tandem_Step_rejected';
import step_skipped from '@salesforce/label/c.Tandem_Step_skipped';
import step_waiting from '@salesforce/label/c.Tandem_Step_waiting';
import stepAsked from '@salesforce/label/c.Tandem_StepAsked';
import tasksCount from '@salesforce/label/c.Tandem_TasksCount';
import { finder, labels as shared } from 'c/tandemLabels';

/** Every text of the requests' pages, in the reader's language, with those that all pages share. */
export const labels = {
    ...shared,
    answer,
    answerSend,
    answerSent,
    comment,
    commentAdd,
    commentInternal,
    commentSaved,
    dealSaved,
    decide,
    decide_approve,
    decide_approve_request,
    decide_reject,
    decide_reject_request,
    decide_request_info,
    decide_request_info_request,
    decided_approve,
    decided_reject,
    decided_request_info,
    decideRequestTitle,
    decision,
    fileAdd,
    fileFetch,
    fileInternal,
    fileLimit,
    fileRefused,
    fileRemove,
    fileRemoveAsk,
    fileRemoved,
    fileRemoveNow,
    files,
    filesCount,
    filesEmpty,
    filesEmptyHelp,
    fileSending,
    fileSent,
    fileTooLargeHere,
    fileWaits,
    holder,
    inboxDue,
    inboxDue_all,
    inboxDue_overdue,
    inboxDue_today,
    inboxDue_week,
    inboxNotFound,
    inboxSearchHint,
    inboxSort_due,
    inboxSort_newest,
    lastChanged,
    myDecisions,
    myDecisionsEmpty,
    myDecisionsEmptyHelp,
    onBehalf,
    reason_approve,
    reason_reject,
    reason_request_info,
    reasonHelp,
    reasonOverrideHelp,
    recall,
    recalled,
    recallNow,
    recordApproval,
    recordApprovalEmpty,
    recordApprovalEmptyHelp,
    recordApprovalMore,
    recordApprovalNotYours,
    recordApprovalOpen,
    recordApprovalWhich,
    request,
    requestChoose,
    requestCount,
    requestSearchHint,
    requestsEmpty,
    requestsEmptyHelp,
    requestStart,
    requestSubmit,
    resubmit,
    said_approve,
    said_reject,
    saveDraft,
    step,
    step_approved,
    step_not_needed,
    step_open,
    step_rejected,
    step_skipped,
    step_waiting,
    stepAsked,
    tasksCount,
};

/** The text for a code of the API, such as `step` and `waiting`; undefined where there is none. */
export const labelOf = finder(labels);
