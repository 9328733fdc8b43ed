import conflictCompanyHelp from '@salesforce/label/c.Tandem_ConflictCompanyHelp';
import conflictFound from '@salesforce/label/c.Tandem_ConflictFound';
import conflictOpportunity from '@salesforce/label/c.Tandem_ConflictOpportunity';
import conflictProtected from '@salesforce/label/c.Tandem_ConflictProtected';
import conflictTitle from '@salesforce/label/c.Tandem_ConflictTitle';
import conflictWaiting from '@salesforce/label/c.Tandem_ConflictWaiting';
import conflictWhy from '@salesforce/label/c.Tandem_ConflictWhy';
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
import dealChoose from '@salesforce/label/c.Tandem_DealChoose';
import dealContinue from '@salesforce/label/c.Tandem_DealContinue';
import dealCount from '@salesforce/label/c.Tandem_DealCount';
import dealNumber from '@salesforce/label/c.Tandem_DealNumber';
import dealOverlapsToast from '@salesforce/label/c.Tandem_DealOverlapsToast';
import dealRegisterHelp from '@salesforce/label/c.Tandem_DealRegisterHelp';
import dealsAll from '@salesforce/label/c.Tandem_DealsAll';
import dealsBack from '@salesforce/label/c.Tandem_DealsBack';
import dealsByState from '@salesforce/label/c.Tandem_DealsByState';
import dealSearchHint from '@salesforce/label/c.Tandem_DealSearchHint';
import dealSubmit from '@salesforce/label/c.Tandem_DealSubmit';
import dealWithdraw from '@salesforce/label/c.Tandem_DealWithdraw';
import dealWithdrawn from '@salesforce/label/c.Tandem_DealWithdrawn';
import dealWithdrawNow from '@salesforce/label/c.Tandem_DealWithdrawNow';
import evidence_account from '@salesforce/label/c.Tandem_Evidence_account';
import evidence_close_date from '@salesforce/label/c.Tandem_Evidence_close_date';
import evidence_customer from '@salesforce/label/c.Tandem_Evidence_customer';
import evidence_likeness from '@salesforce/label/c.Tandem_Evidence_likeness';
import evidence_opportunity from '@salesforce/label/c.Tandem_Evidence_opportunity';
import evidence_partner from '@salesforce/label/c.Tandem_Evidence_partner';
import evidence_stage from '@salesforce/label/c.Tandem_Evidence_stage';
import evidence_state from '@salesforce/label/c.Tandem_Evidence_state';
import evidence_submitted_at from '@salesforce/label/c.Tandem_Evidence_submitted_at';
import next_approved from '@salesforce/label/c.Tandem_Next_approved';
import next_draft from '@salesforce/label/c.Tandem_Next_draft';
import next_info_needed from '@salesforce/label/c.Tandem_Next_info_needed';
import next_submitted from '@salesforce/label/c.Tandem_Next_submitted';
import opportunitiesEmpty from '@salesforce/label/c.Tandem_OpportunitiesEmpty';
import opportunitiesEmptyHelp from '@salesforce/label/c.Tandem_OpportunitiesEmptyHelp';
import opportunity_lost from '@salesforce/label/c.Tandem_Opportunity_lost';
import opportunity_open from '@salesforce/label/c.Tandem_Opportunity_open';
import opportunity_won from '@salesforce/label/c.Tandem_Opportunity_won';
import opportunityCount from '@salesforce/label/c.Tandem_OpportunityCount';
import opportunityName from '@salesforce/label/c.Tandem_OpportunityName';
import opportunitySearchHint from '@salesforce/label/c.Tandem_OpportunitySearchHint';
import opportunityStage from '@salesforce/label/c.Tandem_OpportunityStage';
import overlaps from '@salesforce/label/c.Tandem_Overlaps';
import protectedFor from '@salesforce/label/c.Tandem_ProtectedFor';
import protectedUntil from '@salesforce/label/c.Tandem_ProtectedUntil';
import why_account from '@salesforce/label/c.Tandem_Why_account';
import why_domain from '@salesforce/label/c.Tandem_Why_domain';
import why_name from '@salesforce/label/c.Tandem_Why_name';
import { finder, labels as shared } from 'c/tandemLabels';

/** Every text of the deals' pages, in the reader's language, with those that all pages share. */
export const labels = {
    ...shared,
    conflictCompanyHelp,
    conflictFound,
    conflictOpportunity,
    conflictProtected,
    conflictTitle,
    conflictWaiting,
    conflictWhy,
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
    dealChoose,
    dealContinue,
    dealCount,
    dealNumber,
    dealOverlapsToast,
    dealRegisterHelp,
    dealsAll,
    dealsBack,
    dealsByState,
    dealSearchHint,
    dealSubmit,
    dealWithdraw,
    dealWithdrawn,
    dealWithdrawNow,
    evidence_account,
    evidence_close_date,
    evidence_customer,
    evidence_likeness,
    evidence_opportunity,
    evidence_partner,
    evidence_stage,
    evidence_state,
    evidence_submitted_at,
    next_approved,
    next_draft,
    next_info_needed,
    next_submitted,
    opportunitiesEmpty,
    opportunitiesEmptyHelp,
    opportunity_lost,
    opportunity_open,
    opportunity_won,
    opportunityCount,
    opportunityName,
    opportunitySearchHint,
    opportunityStage,
    overlaps,
    protectedFor,
    protectedUntil,
    why_account,
    why_domain,
    why_name,
};

/** The text for a code of the API, such as `evidence` and `stage`; undefined where there is none. */
export const labelOf = finder(labels);
