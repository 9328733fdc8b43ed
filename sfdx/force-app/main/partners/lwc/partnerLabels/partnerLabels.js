import activity from '@salesforce/label/c.Tandem_Activity';
import activity_all from '@salesforce/label/c.Tandem_Activity_all';
import activity_assignment from '@salesforce/label/c.Tandem_Activity_assignment';
import activity_decision from '@salesforce/label/c.Tandem_Activity_decision';
import activity_registration from '@salesforce/label/c.Tandem_Activity_registration';
import activity_request from '@salesforce/label/c.Tandem_Activity_request';
import activityAssigned from '@salesforce/label/c.Tandem_ActivityAssigned';
import activityCount from '@salesforce/label/c.Tandem_ActivityCount';
import activityEmpty from '@salesforce/label/c.Tandem_ActivityEmpty';
import activityEmptyHelp from '@salesforce/label/c.Tandem_ActivityEmptyHelp';
import activityKind from '@salesforce/label/c.Tandem_ActivityKind';
import activityNoneOfKind from '@salesforce/label/c.Tandem_ActivityNoneOfKind';
import activityTakenOff from '@salesforce/label/c.Tandem_ActivityTakenOff';
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
import candidate_certified from '@salesforce/label/c.Tandem_Candidate_certified';
import candidate_full from '@salesforce/label/c.Tandem_Candidate_full';
import candidate_no_weight from '@salesforce/label/c.Tandem_Candidate_no_weight';
import candidate_not_active from '@salesforce/label/c.Tandem_Candidate_not_active';
import candidate_not_certified from '@salesforce/label/c.Tandem_Candidate_not_certified';
import candidate_open from '@salesforce/label/c.Tandem_Candidate_open';
import candidate_room from '@salesforce/label/c.Tandem_Candidate_room';
import candidate_sells_elsewhere from '@salesforce/label/c.Tandem_Candidate_sells_elsewhere';
import candidate_sells_in from '@salesforce/label/c.Tandem_Candidate_sells_in';
import certificate_expired from '@salesforce/label/c.Tandem_Certificate_expired';
import certificate_planned from '@salesforce/label/c.Tandem_Certificate_planned';
import certificate_revoked from '@salesforce/label/c.Tandem_Certificate_revoked';
import certificate_valid from '@salesforce/label/c.Tandem_Certificate_valid';
import certification from '@salesforce/label/c.Tandem_Certification';
import certifications from '@salesforce/label/c.Tandem_Certifications';
import certificationsNone from '@salesforce/label/c.Tandem_CertificationsNone';
import certificationUntil from '@salesforce/label/c.Tandem_CertificationUntil';
import changed from '@salesforce/label/c.Tandem_Changed';
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
import endsOn from '@salesforce/label/c.Tandem_EndsOn';
import expiring from '@salesforce/label/c.Tandem_Expiring';
import expiringNone from '@salesforce/label/c.Tandem_ExpiringNone';
import homeMissing from '@salesforce/label/c.Tandem_HomeMissing';
import kind_distributor from '@salesforce/label/c.Tandem_Kind_distributor';
import kind_reseller from '@salesforce/label/c.Tandem_Kind_reseller';
import level from '@salesforce/label/c.Tandem_Level';
import levelBenefits from '@salesforce/label/c.Tandem_LevelBenefits';
import levelNoBenefits from '@salesforce/label/c.Tandem_LevelNoBenefits';
import levelTop from '@salesforce/label/c.Tandem_LevelTop';
import news from '@salesforce/label/c.Tandem_News';
import newsRead from '@salesforce/label/c.Tandem_NewsRead';
import onboarding from '@salesforce/label/c.Tandem_Onboarding';
import onboardingSince from '@salesforce/label/c.Tandem_OnboardingSince';
import onboardingTop from '@salesforce/label/c.Tandem_OnboardingTop';
import partialApproved from '@salesforce/label/c.Tandem_PartialApproved';
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
import progressFigure from '@salesforce/label/c.Tandem_ProgressFigure';
import progressHave from '@salesforce/label/c.Tandem_ProgressHave';
import progressMissing from '@salesforce/label/c.Tandem_ProgressMissing';
import progressNeed from '@salesforce/label/c.Tandem_ProgressNeed';
import progressOf from '@salesforce/label/c.Tandem_ProgressOf';
import progressTo from '@salesforce/label/c.Tandem_ProgressTo';
import role_admin from '@salesforce/label/c.Tandem_Role_admin';
import role_finance from '@salesforce/label/c.Tandem_Role_finance';
import role_seller from '@salesforce/label/c.Tandem_Role_seller';
import taskAnswer from '@salesforce/label/c.Tandem_TaskAnswer';
import taskDraft from '@salesforce/label/c.Tandem_TaskDraft';
import tasks from '@salesforce/label/c.Tandem_Tasks';
import tasksNone from '@salesforce/label/c.Tandem_TasksNone';
import welcome from '@salesforce/label/c.Tandem_Welcome';
import { finder, labels as shared } from 'c/tandemLabels';

/** Every text of the partners' pages, in the reader's language, with those that all pages share. */
export const labels = {
    ...shared,
    activity,
    activity_all,
    activity_assignment,
    activity_decision,
    activity_registration,
    activity_request,
    activityAssigned,
    activityCount,
    activityEmpty,
    activityEmptyHelp,
    activityKind,
    activityNoneOfKind,
    activityTakenOff,
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
    candidate_certified,
    candidate_full,
    candidate_no_weight,
    candidate_not_active,
    candidate_not_certified,
    candidate_open,
    candidate_room,
    candidate_sells_elsewhere,
    candidate_sells_in,
    certificate_expired,
    certificate_planned,
    certificate_revoked,
    certificate_valid,
    certification,
    certifications,
    certificationsNone,
    certificationUntil,
    changed,
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
    endsOn,
    expiring,
    expiringNone,
    homeMissing,
    kind_distributor,
    kind_reseller,
    level,
    levelBenefits,
    levelNoBenefits,
    levelTop,
    news,
    newsRead,
    onboarding,
    onboardingSince,
    onboardingTop,
    partialApproved,
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
    progressFigure,
    progressHave,
    progressMissing,
    progressNeed,
    progressOf,
    progressTo,
    role_admin,
    role_finance,
    role_seller,
    taskAnswer,
    taskDraft,
    tasks,
    tasksNone,
    welcome,
};

/** The text for a code of the API, such as `role` and `admin`; undefined where there is none. */
export const labelOf = finder(labels);
