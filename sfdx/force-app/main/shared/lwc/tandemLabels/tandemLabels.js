import actions from '@salesforce/label/c.Tandem_Actions';
import agreementAccept from '@salesforce/label/c.Tandem_AgreementAccept';
import agreementAccepted from '@salesforce/label/c.Tandem_AgreementAccepted';
import agreementBy from '@salesforce/label/c.Tandem_AgreementBy';
import agreementDue from '@salesforce/label/c.Tandem_AgreementDue';
import agreementLanguage from '@salesforce/label/c.Tandem_AgreementLanguage';
import agreementName from '@salesforce/label/c.Tandem_AgreementName';
import agreementNameHelp from '@salesforce/label/c.Tandem_AgreementNameHelp';
import agreementNobody from '@salesforce/label/c.Tandem_AgreementNobody';
import agreementProof from '@salesforce/label/c.Tandem_AgreementProof';
import agreementRead from '@salesforce/label/c.Tandem_AgreementRead';
import agreementReadAccept from '@salesforce/label/c.Tandem_AgreementReadAccept';
import agreements from '@salesforce/label/c.Tandem_Agreements';
import agreementVersion from '@salesforce/label/c.Tandem_AgreementVersion';
import agreementWho from '@salesforce/label/c.Tandem_AgreementWho';
import allStates from '@salesforce/label/c.Tandem_AllStates';
import answer from '@salesforce/label/c.Tandem_Answer';
import answerSend from '@salesforce/label/c.Tandem_AnswerSend';
import answerSent from '@salesforce/label/c.Tandem_AnswerSent';
import answerTitle from '@salesforce/label/c.Tandem_AnswerTitle';
import applyAlready from '@salesforce/label/c.Tandem_ApplyAlready';
import applyAnswer from '@salesforce/label/c.Tandem_ApplyAnswer';
import applyApproved from '@salesforce/label/c.Tandem_ApplyApproved';
import applyHelp from '@salesforce/label/c.Tandem_ApplyHelp';
import applyStep_agreement from '@salesforce/label/c.Tandem_ApplyStep_agreement';
import applyStep_apply from '@salesforce/label/c.Tandem_ApplyStep_apply';
import applyStep_decision from '@salesforce/label/c.Tandem_ApplyStep_decision';
import applyStep_partner from '@salesforce/label/c.Tandem_ApplyStep_partner';
import applyStepHelp_agreement from '@salesforce/label/c.Tandem_ApplyStepHelp_agreement';
import applyStepHelp_apply from '@salesforce/label/c.Tandem_ApplyStepHelp_apply';
import applyStepHelp_decision from '@salesforce/label/c.Tandem_ApplyStepHelp_decision';
import applyStepHelp_partner from '@salesforce/label/c.Tandem_ApplyStepHelp_partner';
import applySteps from '@salesforce/label/c.Tandem_ApplySteps';
import applyStepState_ahead from '@salesforce/label/c.Tandem_ApplyStepState_ahead';
import applyStepState_current from '@salesforce/label/c.Tandem_ApplyStepState_current';
import applyStepState_done from '@salesforce/label/c.Tandem_ApplyStepState_done';
import applySubmit from '@salesforce/label/c.Tandem_ApplySubmit';
import applyTitle from '@salesforce/label/c.Tandem_ApplyTitle';
import authorization from '@salesforce/label/c.Tandem_Authorization';
import cancel from '@salesforce/label/c.Tandem_Cancel';
import certificate_expired from '@salesforce/label/c.Tandem_Certificate_expired';
import certificate_planned from '@salesforce/label/c.Tandem_Certificate_planned';
import certificate_revoked from '@salesforce/label/c.Tandem_Certificate_revoked';
import certificate_valid from '@salesforce/label/c.Tandem_Certificate_valid';
import certification from '@salesforce/label/c.Tandem_Certification';
import certifications from '@salesforce/label/c.Tandem_Certifications';
import certificationsNone from '@salesforce/label/c.Tandem_CertificationsNone';
import certificationUntil from '@salesforce/label/c.Tandem_CertificationUntil';
import changed from '@salesforce/label/c.Tandem_Changed';
import chartSentence from '@salesforce/label/c.Tandem_ChartSentence';
import chartUndrawn from '@salesforce/label/c.Tandem_ChartUndrawn';
import choose from '@salesforce/label/c.Tandem_Choose';
import clearFilters from '@salesforce/label/c.Tandem_ClearFilters';
import comment from '@salesforce/label/c.Tandem_Comment';
import commentAdd from '@salesforce/label/c.Tandem_CommentAdd';
import commentInternal from '@salesforce/label/c.Tandem_CommentInternal';
import commentSaved from '@salesforce/label/c.Tandem_CommentSaved';
import company from '@salesforce/label/c.Tandem_Company';
import companyCountries from '@salesforce/label/c.Tandem_CompanyCountries';
import companyDeals from '@salesforce/label/c.Tandem_CompanyDeals';
import companyFrom from '@salesforce/label/c.Tandem_CompanyFrom';
import companyKind from '@salesforce/label/c.Tandem_CompanyKind';
import companyLeads from '@salesforce/label/c.Tandem_CompanyLeads';
import companyManager from '@salesforce/label/c.Tandem_CompanyManager';
import companyNone from '@salesforce/label/c.Tandem_CompanyNone';
import companyNoneHelp from '@salesforce/label/c.Tandem_CompanyNoneHelp';
import companyOpen from '@salesforce/label/c.Tandem_CompanyOpen';
import companyPlan from '@salesforce/label/c.Tandem_CompanyPlan';
import companyRegion from '@salesforce/label/c.Tandem_CompanyRegion';
import companySetAt from '@salesforce/label/c.Tandem_CompanySetAt';
import companySetBy from '@salesforce/label/c.Tandem_CompanySetBy';
import companySince from '@salesforce/label/c.Tandem_CompanySince';
import companyUntil from '@salesforce/label/c.Tandem_CompanyUntil';
import conflictCompanyHelp from '@salesforce/label/c.Tandem_ConflictCompanyHelp';
import conflictFound from '@salesforce/label/c.Tandem_ConflictFound';
import conflictOpportunity from '@salesforce/label/c.Tandem_ConflictOpportunity';
import conflictProtected from '@salesforce/label/c.Tandem_ConflictProtected';
import conflictTitle from '@salesforce/label/c.Tandem_ConflictTitle';
import conflictWaiting from '@salesforce/label/c.Tandem_ConflictWaiting';
import conflictWhy from '@salesforce/label/c.Tandem_ConflictWhy';
import dealChoose from '@salesforce/label/c.Tandem_DealChoose';
import dealContinue from '@salesforce/label/c.Tandem_DealContinue';
import dealCount from '@salesforce/label/c.Tandem_DealCount';
import dealEdit from '@salesforce/label/c.Tandem_DealEdit';
import dealNumber from '@salesforce/label/c.Tandem_DealNumber';
import dealOverlapsToast from '@salesforce/label/c.Tandem_DealOverlapsToast';
import dealRegister from '@salesforce/label/c.Tandem_DealRegister';
import dealRegisterHelp from '@salesforce/label/c.Tandem_DealRegisterHelp';
import dealSaved from '@salesforce/label/c.Tandem_DealSaved';
import dealSearchHint from '@salesforce/label/c.Tandem_DealSearchHint';
import dealSubmit from '@salesforce/label/c.Tandem_DealSubmit';
import dealSubmitted from '@salesforce/label/c.Tandem_DealSubmitted';
import dealTitle from '@salesforce/label/c.Tandem_DealTitle';
import dealUnnamed from '@salesforce/label/c.Tandem_DealUnnamed';
import dealWithdraw from '@salesforce/label/c.Tandem_DealWithdraw';
import dealWithdrawNow from '@salesforce/label/c.Tandem_DealWithdrawNow';
import dealWithdrawn from '@salesforce/label/c.Tandem_DealWithdrawn';
import deal_amount from '@salesforce/label/c.Tandem_Deal_amount';
import deal_close_date from '@salesforce/label/c.Tandem_Deal_close_date';
import deal_contact from '@salesforce/label/c.Tandem_Deal_contact';
import deal_contact_email from '@salesforce/label/c.Tandem_Deal_contact_email';
import deal_contact_phone from '@salesforce/label/c.Tandem_Deal_contact_phone';
import deal_customer_city from '@salesforce/label/c.Tandem_Deal_customer_city';
import deal_customer_country from '@salesforce/label/c.Tandem_Deal_customer_country';
import deal_customer_name from '@salesforce/label/c.Tandem_Deal_customer_name';
import deal_customer_postal_code from '@salesforce/label/c.Tandem_Deal_customer_postal_code';
import deal_customer_website from '@salesforce/label/c.Tandem_Deal_customer_website';
import deal_description from '@salesforce/label/c.Tandem_Deal_description';
import deal_product_family from '@salesforce/label/c.Tandem_Deal_product_family';
import deals from '@salesforce/label/c.Tandem_Deals';
import dealsAll from '@salesforce/label/c.Tandem_DealsAll';
import dealsBack from '@salesforce/label/c.Tandem_DealsBack';
import dealsByState from '@salesforce/label/c.Tandem_DealsByState';
import dealsEmpty from '@salesforce/label/c.Tandem_DealsEmpty';
import dealsEmptyHelp from '@salesforce/label/c.Tandem_DealsEmptyHelp';
import dealsNotFound from '@salesforce/label/c.Tandem_DealsNotFound';
import decide from '@salesforce/label/c.Tandem_Decide';
import decideRequestTitle from '@salesforce/label/c.Tandem_DecideRequestTitle';
import decide_approve from '@salesforce/label/c.Tandem_Decide_approve';
import decide_approve_request from '@salesforce/label/c.Tandem_Decide_approve_request';
import decide_reject from '@salesforce/label/c.Tandem_Decide_reject';
import decide_reject_request from '@salesforce/label/c.Tandem_Decide_reject_request';
import decide_request_info from '@salesforce/label/c.Tandem_Decide_request_info';
import decide_request_info_request from '@salesforce/label/c.Tandem_Decide_request_info_request';
import decided_approve from '@salesforce/label/c.Tandem_Decided_approve';
import decided_reject from '@salesforce/label/c.Tandem_Decided_reject';
import decided_request_info from '@salesforce/label/c.Tandem_Decided_request_info';
import decision from '@salesforce/label/c.Tandem_Decision';
import details from '@salesforce/label/c.Tandem_Details';
import draftDiscard from '@salesforce/label/c.Tandem_DraftDiscard';
import draftRestored from '@salesforce/label/c.Tandem_DraftRestored';
import due from '@salesforce/label/c.Tandem_Due';
import endsOn from '@salesforce/label/c.Tandem_EndsOn';
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
import evidence_account from '@salesforce/label/c.Tandem_Evidence_account';
import evidence_close_date from '@salesforce/label/c.Tandem_Evidence_close_date';
import evidence_customer from '@salesforce/label/c.Tandem_Evidence_customer';
import evidence_likeness from '@salesforce/label/c.Tandem_Evidence_likeness';
import evidence_opportunity from '@salesforce/label/c.Tandem_Evidence_opportunity';
import evidence_partner from '@salesforce/label/c.Tandem_Evidence_partner';
import evidence_stage from '@salesforce/label/c.Tandem_Evidence_stage';
import evidence_state from '@salesforce/label/c.Tandem_Evidence_state';
import evidence_submitted_at from '@salesforce/label/c.Tandem_Evidence_submitted_at';
import expiring from '@salesforce/label/c.Tandem_Expiring';
import expiringNone from '@salesforce/label/c.Tandem_ExpiringNone';
import exportCsv from '@salesforce/label/c.Tandem_ExportCsv';
import fieldRequired from '@salesforce/label/c.Tandem_FieldRequired';
import fileAdd from '@salesforce/label/c.Tandem_FileAdd';
import fileEmpty from '@salesforce/label/c.Tandem_FileEmpty';
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
import fileTooLarge from '@salesforce/label/c.Tandem_FileTooLarge';
import fileTooLargeHere from '@salesforce/label/c.Tandem_FileTooLargeHere';
import fileUnreadable from '@salesforce/label/c.Tandem_FileUnreadable';
import fileWaits from '@salesforce/label/c.Tandem_FileWaits';
import holder from '@salesforce/label/c.Tandem_Holder';
import holderCompany from '@salesforce/label/c.Tandem_HolderCompany';
import holderPartner from '@salesforce/label/c.Tandem_HolderPartner';
import home from '@salesforce/label/c.Tandem_Home';
import homeMissing from '@salesforce/label/c.Tandem_HomeMissing';
import kind_distributor from '@salesforce/label/c.Tandem_Kind_distributor';
import kind_reseller from '@salesforce/label/c.Tandem_Kind_reseller';
import lastChanged from '@salesforce/label/c.Tandem_LastChanged';
import level from '@salesforce/label/c.Tandem_Level';
import levelBenefits from '@salesforce/label/c.Tandem_LevelBenefits';
import levelNoBenefits from '@salesforce/label/c.Tandem_LevelNoBenefits';
import levelTop from '@salesforce/label/c.Tandem_LevelTop';
import lineAdd from '@salesforce/label/c.Tandem_LineAdd';
import lineRemove from '@salesforce/label/c.Tandem_LineRemove';
import linesEmpty from '@salesforce/label/c.Tandem_LinesEmpty';
import loading from '@salesforce/label/c.Tandem_Loading';
import logOut from '@salesforce/label/c.Tandem_LogOut';
import menu from '@salesforce/label/c.Tandem_Menu';
import more from '@salesforce/label/c.Tandem_More';
import myDecisions from '@salesforce/label/c.Tandem_MyDecisions';
import myDecisionsEmpty from '@salesforce/label/c.Tandem_MyDecisionsEmpty';
import myDecisionsEmptyHelp from '@salesforce/label/c.Tandem_MyDecisionsEmptyHelp';
import news from '@salesforce/label/c.Tandem_News';
import newsRead from '@salesforce/label/c.Tandem_NewsRead';
import next from '@salesforce/label/c.Tandem_Next';
import next_approved from '@salesforce/label/c.Tandem_Next_approved';
import next_draft from '@salesforce/label/c.Tandem_Next_draft';
import next_info_needed from '@salesforce/label/c.Tandem_Next_info_needed';
import next_submitted from '@salesforce/label/c.Tandem_Next_submitted';
import no from '@salesforce/label/c.Tandem_No';
import onBehalf from '@salesforce/label/c.Tandem_OnBehalf';
import onboarding from '@salesforce/label/c.Tandem_Onboarding';
import onboardingSince from '@salesforce/label/c.Tandem_OnboardingSince';
import onboardingTop from '@salesforce/label/c.Tandem_OnboardingTop';
import opportunities from '@salesforce/label/c.Tandem_Opportunities';
import opportunitiesEmpty from '@salesforce/label/c.Tandem_OpportunitiesEmpty';
import opportunitiesEmptyHelp from '@salesforce/label/c.Tandem_OpportunitiesEmptyHelp';
import opportunity_lost from '@salesforce/label/c.Tandem_Opportunity_lost';
import opportunity_open from '@salesforce/label/c.Tandem_Opportunity_open';
import opportunity_won from '@salesforce/label/c.Tandem_Opportunity_won';
import opportunityCount from '@salesforce/label/c.Tandem_OpportunityCount';
import opportunityName from '@salesforce/label/c.Tandem_OpportunityName';
import opportunitySearchHint from '@salesforce/label/c.Tandem_OpportunitySearchHint';
import opportunityStage from '@salesforce/label/c.Tandem_OpportunityStage';
import overdue from '@salesforce/label/c.Tandem_Overdue';
import overlaps from '@salesforce/label/c.Tandem_Overlaps';
import pageOf from '@salesforce/label/c.Tandem_PageOf';
import pages from '@salesforce/label/c.Tandem_Pages';
import partialApproved from '@salesforce/label/c.Tandem_PartialApproved';
import partner from '@salesforce/label/c.Tandem_Partner';
import partnerStatus_active from '@salesforce/label/c.Tandem_PartnerStatus_active';
import partnerStatus_applicant from '@salesforce/label/c.Tandem_PartnerStatus_applicant';
import partnerStatus_approved from '@salesforce/label/c.Tandem_PartnerStatus_approved';
import partnerStatus_suspended from '@salesforce/label/c.Tandem_PartnerStatus_suspended';
import people from '@salesforce/label/c.Tandem_People';
import personAccess from '@salesforce/label/c.Tandem_PersonAccess';
import personAdminHelp from '@salesforce/label/c.Tandem_PersonAdminHelp';
import personHelp from '@salesforce/label/c.Tandem_PersonHelp';
import personMail from '@salesforce/label/c.Tandem_PersonMail';
import personName from '@salesforce/label/c.Tandem_PersonName';
import personRoles from '@salesforce/label/c.Tandem_PersonRoles';
import personSaved from '@salesforce/label/c.Tandem_PersonSaved';
import previous from '@salesforce/label/c.Tandem_Previous';
import progressFigure from '@salesforce/label/c.Tandem_ProgressFigure';
import progressHave from '@salesforce/label/c.Tandem_ProgressHave';
import progressMissing from '@salesforce/label/c.Tandem_ProgressMissing';
import progressNeed from '@salesforce/label/c.Tandem_ProgressNeed';
import progressOf from '@salesforce/label/c.Tandem_ProgressOf';
import progressTable from '@salesforce/label/c.Tandem_ProgressTable';
import progressTo from '@salesforce/label/c.Tandem_ProgressTo';
import protectedFor from '@salesforce/label/c.Tandem_ProtectedFor';
import protectedUntil from '@salesforce/label/c.Tandem_ProtectedUntil';
import reasonHelp from '@salesforce/label/c.Tandem_ReasonHelp';
import reasonOverrideHelp from '@salesforce/label/c.Tandem_ReasonOverrideHelp';
import reason_approve from '@salesforce/label/c.Tandem_Reason_approve';
import reason_reject from '@salesforce/label/c.Tandem_Reason_reject';
import reason_request_info from '@salesforce/label/c.Tandem_Reason_request_info';
import recall from '@salesforce/label/c.Tandem_Recall';
import recallNow from '@salesforce/label/c.Tandem_RecallNow';
import recalled from '@salesforce/label/c.Tandem_Recalled';
import referenceChoose from '@salesforce/label/c.Tandem_ReferenceChoose';
import referenceHint from '@salesforce/label/c.Tandem_ReferenceHint';
import referenceNone from '@salesforce/label/c.Tandem_ReferenceNone';
import refresh from '@salesforce/label/c.Tandem_Refresh';
import rejectedBecause from '@salesforce/label/c.Tandem_RejectedBecause';
import request from '@salesforce/label/c.Tandem_Request';
import requestChoose from '@salesforce/label/c.Tandem_RequestChoose';
import requestCount from '@salesforce/label/c.Tandem_RequestCount';
import requestSearchHint from '@salesforce/label/c.Tandem_RequestSearchHint';
import requestStart from '@salesforce/label/c.Tandem_RequestStart';
import requestSubmit from '@salesforce/label/c.Tandem_RequestSubmit';
import requests from '@salesforce/label/c.Tandem_Requests';
import requestsEmpty from '@salesforce/label/c.Tandem_RequestsEmpty';
import requestsEmptyHelp from '@salesforce/label/c.Tandem_RequestsEmptyHelp';
import resubmit from '@salesforce/label/c.Tandem_Resubmit';
import role_admin from '@salesforce/label/c.Tandem_Role_admin';
import role_finance from '@salesforce/label/c.Tandem_Role_finance';
import role_seller from '@salesforce/label/c.Tandem_Role_seller';
import route from '@salesforce/label/c.Tandem_Route';
import said_approve from '@salesforce/label/c.Tandem_Said_approve';
import said_reject from '@salesforce/label/c.Tandem_Said_reject';
import saveDraft from '@salesforce/label/c.Tandem_SaveDraft';
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
import step from '@salesforce/label/c.Tandem_Step';
import stepAsked from '@salesforce/label/c.Tandem_StepAsked';
import step_approved from '@salesforce/label/c.Tandem_Step_approved';
import step_not_needed from '@salesforce/label/c.Tandem_Step_not_needed';
import step_open from '@salesforce/label/c.Tandem_Step_open';
import step_rejected from '@salesforce/label/c.Tandem_Step_rejected';
import step_skipped from '@salesforce/label/c.Tandem_Step_skipped';
import step_waiting from '@salesforce/label/c.Tandem_Step_waiting';
import taskAnswer from '@salesforce/label/c.Tandem_TaskAnswer';
import taskDraft from '@salesforce/label/c.Tandem_TaskDraft';
import tasks from '@salesforce/label/c.Tandem_Tasks';
import tasksCount from '@salesforce/label/c.Tandem_TasksCount';
import tasksNone from '@salesforce/label/c.Tandem_TasksNone';
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
import welcome from '@salesforce/label/c.Tandem_Welcome';
import why from '@salesforce/label/c.Tandem_Why';
import why_account from '@salesforce/label/c.Tandem_Why_account';
import why_domain from '@salesforce/label/c.Tandem_Why_domain';
import why_name from '@salesforce/label/c.Tandem_Why_name';
import withdrawWhy from '@salesforce/label/c.Tandem_WithdrawWhy';
import yes from '@salesforce/label/c.Tandem_Yes';

/** Every text of the pages, in the reader's language. `{0}` stands for a value: see `format` of c/tandemFormat. */
export const labels = {
    actions,
    agreementAccept,
    agreementAccepted,
    agreementBy,
    agreementDue,
    agreementLanguage,
    agreementName,
    agreementNameHelp,
    agreementNobody,
    agreementProof,
    agreementRead,
    agreementReadAccept,
    agreements,
    agreementVersion,
    agreementWho,
    allStates,
    answer,
    answerSend,
    answerSent,
    answerTitle,
    applyAlready,
    applyAnswer,
    applyApproved,
    applyHelp,
    applyStep_agreement,
    applyStep_apply,
    applyStep_decision,
    applyStep_partner,
    applyStepHelp_agreement,
    applyStepHelp_apply,
    applyStepHelp_decision,
    applyStepHelp_partner,
    applySteps,
    applyStepState_ahead,
    applyStepState_current,
    applyStepState_done,
    applySubmit,
    applyTitle,
    authorization,
    cancel,
    certificate_expired,
    certificate_planned,
    certificate_revoked,
    certificate_valid,
    certification,
    certifications,
    certificationsNone,
    certificationUntil,
    changed,
    chartSentence,
    chartUndrawn,
    choose,
    clearFilters,
    comment,
    commentAdd,
    commentInternal,
    commentSaved,
    company,
    companyCountries,
    companyDeals,
    companyFrom,
    companyKind,
    companyLeads,
    companyManager,
    companyNone,
    companyNoneHelp,
    companyOpen,
    companyPlan,
    companyRegion,
    companySetAt,
    companySetBy,
    companySince,
    companyUntil,
    conflictCompanyHelp,
    conflictFound,
    conflictOpportunity,
    conflictProtected,
    conflictTitle,
    conflictWaiting,
    conflictWhy,
    dealChoose,
    dealContinue,
    dealCount,
    dealEdit,
    dealNumber,
    dealOverlapsToast,
    dealRegister,
    dealRegisterHelp,
    dealSaved,
    dealSearchHint,
    dealSubmit,
    dealSubmitted,
    dealTitle,
    dealUnnamed,
    dealWithdraw,
    dealWithdrawNow,
    dealWithdrawn,
    deal_amount,
    deal_close_date,
    deal_contact,
    deal_contact_email,
    deal_contact_phone,
    deal_customer_city,
    deal_customer_country,
    deal_customer_name,
    deal_customer_postal_code,
    deal_customer_website,
    deal_description,
    deal_product_family,
    deals,
    dealsAll,
    dealsBack,
    dealsByState,
    dealsEmpty,
    dealsEmptyHelp,
    dealsNotFound,
    decide,
    decideRequestTitle,
    decide_approve,
    decide_approve_request,
    decide_reject,
    decide_reject_request,
    decide_request_info,
    decide_request_info_request,
    decided_approve,
    decided_reject,
    decided_request_info,
    decision,
    details,
    draftDiscard,
    draftRestored,
    due,
    endsOn,
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
    evidence_account,
    evidence_close_date,
    evidence_customer,
    evidence_likeness,
    evidence_opportunity,
    evidence_partner,
    evidence_stage,
    evidence_state,
    evidence_submitted_at,
    expiring,
    expiringNone,
    exportCsv,
    fieldRequired,
    fileAdd,
    fileEmpty,
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
    fileTooLarge,
    fileTooLargeHere,
    fileUnreadable,
    fileWaits,
    holder,
    holderCompany,
    holderPartner,
    home,
    homeMissing,
    kind_distributor,
    kind_reseller,
    lastChanged,
    level,
    levelBenefits,
    levelNoBenefits,
    levelTop,
    lineAdd,
    lineRemove,
    linesEmpty,
    loading,
    logOut,
    menu,
    more,
    myDecisions,
    myDecisionsEmpty,
    myDecisionsEmptyHelp,
    news,
    newsRead,
    next,
    next_approved,
    next_draft,
    next_info_needed,
    next_submitted,
    no,
    onBehalf,
    onboarding,
    onboardingSince,
    onboardingTop,
    opportunities,
    opportunitiesEmpty,
    opportunitiesEmptyHelp,
    opportunity_lost,
    opportunity_open,
    opportunity_won,
    opportunityCount,
    opportunityName,
    opportunitySearchHint,
    opportunityStage,
    overdue,
    overlaps,
    pageOf,
    pages,
    partialApproved,
    partner,
    partnerStatus_active,
    partnerStatus_applicant,
    partnerStatus_approved,
    partnerStatus_suspended,
    people,
    personAccess,
    personAdminHelp,
    personHelp,
    personMail,
    personName,
    personRoles,
    personSaved,
    previous,
    progressFigure,
    progressHave,
    progressMissing,
    progressNeed,
    progressOf,
    progressTable,
    progressTo,
    protectedFor,
    protectedUntil,
    reasonHelp,
    reasonOverrideHelp,
    reason_approve,
    reason_reject,
    reason_request_info,
    recall,
    recallNow,
    recalled,
    referenceChoose,
    referenceHint,
    referenceNone,
    refresh,
    rejectedBecause,
    request,
    requestChoose,
    requestCount,
    requestSearchHint,
    requestStart,
    requestSubmit,
    requests,
    requestsEmpty,
    requestsEmptyHelp,
    resubmit,
    role_admin,
    role_finance,
    role_seller,
    route,
    said_approve,
    said_reject,
    saveDraft,
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
    step,
    stepAsked,
    step_approved,
    step_not_needed,
    step_open,
    step_rejected,
    step_skipped,
    step_waiting,
    taskAnswer,
    taskDraft,
    tasks,
    tasksCount,
    tasksNone,
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
    welcome,
    why,
    why_account,
    why_domain,
    why_name,
    withdrawWhy,
    yes,
};

/** The text for a code of the API, such as `state` and `info_needed`; undefined where there is none. */
export function labelOf(kind, code) {
    return labels[`${kind}_${String(code).replaceAll('-', '_')}`];
}
