import actions from '@salesforce/label/c.Tandem_Actions';
import allStates from '@salesforce/label/c.Tandem_AllStates';
import answerTitle from '@salesforce/label/c.Tandem_AnswerTitle';
import assignedPartner from '@salesforce/label/c.Tandem_AssignedPartner';
import authorization from '@salesforce/label/c.Tandem_Authorization';
import cancel from '@salesforce/label/c.Tandem_Cancel';
import chartSentence from '@salesforce/label/c.Tandem_ChartSentence';
import chartUndrawn from '@salesforce/label/c.Tandem_ChartUndrawn';
import choose from '@salesforce/label/c.Tandem_Choose';
import clearFilters from '@salesforce/label/c.Tandem_ClearFilters';
import company from '@salesforce/label/c.Tandem_Company';
import deal_amount from '@salesforce/label/c.Tandem_Deal_amount';
import dealEdit from '@salesforce/label/c.Tandem_DealEdit';
import dealRegister from '@salesforce/label/c.Tandem_DealRegister';
import deals from '@salesforce/label/c.Tandem_Deals';
import dealsEmpty from '@salesforce/label/c.Tandem_DealsEmpty';
import dealsEmptyHelp from '@salesforce/label/c.Tandem_DealsEmptyHelp';
import dealsNotFound from '@salesforce/label/c.Tandem_DealsNotFound';
import dealSubmitted from '@salesforce/label/c.Tandem_DealSubmitted';
import dealTitle from '@salesforce/label/c.Tandem_DealTitle';
import dealUnnamed from '@salesforce/label/c.Tandem_DealUnnamed';
import details from '@salesforce/label/c.Tandem_Details';
import draftDiscard from '@salesforce/label/c.Tandem_DraftDiscard';
import draftRestored from '@salesforce/label/c.Tandem_DraftRestored';
import due from '@salesforce/label/c.Tandem_Due';
import errorAway from '@salesforce/label/c.Tandem_ErrorAway';
import errorNotFound from '@salesforce/label/c.Tandem_ErrorNotFound';
import errorSession from '@salesforce/label/c.Tandem_ErrorSession';
import errorUnknown from '@salesforce/label/c.Tandem_ErrorUnknown';
import event_answer from '@salesforce/label/c.Tandem_Event_answer';
import event_approve from '@salesforce/label/c.Tandem_Event_approve';
import event_reject from '@salesforce/label/c.Tandem_Event_reject';
import event_request_info from '@salesforce/label/c.Tandem_Event_request_info';
import event_submit from '@salesforce/label/c.Tandem_Event_submit';
import event_withdraw from '@salesforce/label/c.Tandem_Event_withdraw';
import exportCsv from '@salesforce/label/c.Tandem_ExportCsv';
import fieldRequired from '@salesforce/label/c.Tandem_FieldRequired';
import fileEmpty from '@salesforce/label/c.Tandem_FileEmpty';
import fileTooLarge from '@salesforce/label/c.Tandem_FileTooLarge';
import fileUnreadable from '@salesforce/label/c.Tandem_FileUnreadable';
import holderCompany from '@salesforce/label/c.Tandem_HolderCompany';
import holderPartner from '@salesforce/label/c.Tandem_HolderPartner';
import home from '@salesforce/label/c.Tandem_Home';
import lineAdd from '@salesforce/label/c.Tandem_LineAdd';
import lineRemove from '@salesforce/label/c.Tandem_LineRemove';
import linesEmpty from '@salesforce/label/c.Tandem_LinesEmpty';
import loading from '@salesforce/label/c.Tandem_Loading';
import logOut from '@salesforce/label/c.Tandem_LogOut';
import menu from '@salesforce/label/c.Tandem_Menu';
import more from '@salesforce/label/c.Tandem_More';
import next from '@salesforce/label/c.Tandem_Next';
import no from '@salesforce/label/c.Tandem_No';
import opportunities from '@salesforce/label/c.Tandem_Opportunities';
import overdue from '@salesforce/label/c.Tandem_Overdue';
import pageOf from '@salesforce/label/c.Tandem_PageOf';
import pages from '@salesforce/label/c.Tandem_Pages';
import partner from '@salesforce/label/c.Tandem_Partner';
import previous from '@salesforce/label/c.Tandem_Previous';
import progressTable from '@salesforce/label/c.Tandem_ProgressTable';
import referenceChoose from '@salesforce/label/c.Tandem_ReferenceChoose';
import referenceHint from '@salesforce/label/c.Tandem_ReferenceHint';
import referenceNone from '@salesforce/label/c.Tandem_ReferenceNone';
import refresh from '@salesforce/label/c.Tandem_Refresh';
import rejectedBecause from '@salesforce/label/c.Tandem_RejectedBecause';
import requests from '@salesforce/label/c.Tandem_Requests';
import route from '@salesforce/label/c.Tandem_Route';
import search from '@salesforce/label/c.Tandem_Search';
import signInAgain from '@salesforce/label/c.Tandem_SignInAgain';
import since from '@salesforce/label/c.Tandem_Since';
import siteNavigation from '@salesforce/label/c.Tandem_SiteNavigation';
import sortBy from '@salesforce/label/c.Tandem_SortBy';
import sortDown from '@salesforce/label/c.Tandem_SortDown';
import sortNewest from '@salesforce/label/c.Tandem_SortNewest';
import sortOldest from '@salesforce/label/c.Tandem_SortOldest';
import sortUp from '@salesforce/label/c.Tandem_SortUp';
import state from '@salesforce/label/c.Tandem_State';
import state_approved from '@salesforce/label/c.Tandem_State_approved';
import state_cancelled from '@salesforce/label/c.Tandem_State_cancelled';
import state_draft from '@salesforce/label/c.Tandem_State_draft';
import state_expired from '@salesforce/label/c.Tandem_State_expired';
import state_info_needed from '@salesforce/label/c.Tandem_State_info_needed';
import state_lost from '@salesforce/label/c.Tandem_State_lost';
import state_recalled from '@salesforce/label/c.Tandem_State_recalled';
import state_rejected from '@salesforce/label/c.Tandem_State_rejected';
import state_submitted from '@salesforce/label/c.Tandem_State_submitted';
import state_voided from '@salesforce/label/c.Tandem_State_voided';
import state_withdrawn from '@salesforce/label/c.Tandem_State_withdrawn';
import state_won from '@salesforce/label/c.Tandem_State_won';
import timeline from '@salesforce/label/c.Tandem_Timeline';
import timelineEmpty from '@salesforce/label/c.Tandem_TimelineEmpty';
import tryAgain from '@salesforce/label/c.Tandem_TryAgain';
import turn from '@salesforce/label/c.Tandem_Turn';
import turnNobody from '@salesforce/label/c.Tandem_TurnNobody';
import viewName from '@salesforce/label/c.Tandem_ViewName';
import viewNone from '@salesforce/label/c.Tandem_ViewNone';
import viewRemove from '@salesforce/label/c.Tandem_ViewRemove';
import views from '@salesforce/label/c.Tandem_Views';
import viewSave from '@salesforce/label/c.Tandem_ViewSave';
import why from '@salesforce/label/c.Tandem_Why';
import withdrawWhy from '@salesforce/label/c.Tandem_WithdrawWhy';
import yes from '@salesforce/label/c.Tandem_Yes';

/** The texts that shared components and several features use, in the reader's language. */
export const labels = {
    actions,
    allStates,
    answerTitle,
    assignedPartner,
    authorization,
    cancel,
    chartSentence,
    chartUndrawn,
    choose,
    clearFilters,
    company,
    deal_amount,
    dealEdit,
    dealRegister,
    deals,
    dealsEmpty,
    dealsEmptyHelp,
    dealsNotFound,
    dealSubmitted,
    dealTitle,
    dealUnnamed,
    details,
    draftDiscard,
    draftRestored,
    due,
    errorAway,
    errorNotFound,
    errorSession,
    errorUnknown,
    event_answer,
    event_approve,
    event_reject,
    event_request_info,
    event_submit,
    event_withdraw,
    exportCsv,
    fieldRequired,
    fileEmpty,
    fileTooLarge,
    fileUnreadable,
    holderCompany,
    holderPartner,
    home,
    lineAdd,
    lineRemove,
    linesEmpty,
    loading,
    logOut,
    menu,
    more,
    next,
    no,
    opportunities,
    overdue,
    pageOf,
    pages,
    partner,
    previous,
    progressTable,
    referenceChoose,
    referenceHint,
    referenceNone,
    refresh,
    rejectedBecause,
    requests,
    route,
    search,
    signInAgain,
    since,
    siteNavigation,
    sortBy,
    sortDown,
    sortNewest,
    sortOldest,
    sortUp,
    state,
    state_approved,
    state_cancelled,
    state_draft,
    state_expired,
    state_info_needed,
    state_lost,
    state_recalled,
    state_rejected,
    state_submitted,
    state_voided,
    state_withdrawn,
    state_won,
    timeline,
    timelineEmpty,
    tryAgain,
    turn,
    turnNobody,
    viewName,
    viewNone,
    viewRemove,
    views,
    viewSave,
    why,
    withdrawWhy,
    yes,
};

/** Of a feature's texts: how its components find one by a code of the API. */
export function finder(texts) {
    return (kind, code) => texts[`${kind}_${String(code).replaceAll('-', '_')}`];
}

/** The text for a code of the API, such as `state` and `info_needed`; undefined where there is none. */
export const labelOf = finder(labels);
