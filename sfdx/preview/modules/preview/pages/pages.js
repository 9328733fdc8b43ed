// Which components a page has, region by region: what Lightning App Builder and Experience Builder know in an org.
import ChannelHome from 'c/channelHome';
import DealDetail from 'c/dealDetail';
import DealList from 'c/dealList';
import DealRegister from 'c/dealRegister';
import DealStates from 'c/dealStates';
import PartnerActivity from 'c/partnerActivity';
import PartnerAssignment from 'c/partnerAssignment';
import RecordApproval from 'c/recordApproval';
import RecordList from 'c/recordList';
import RecordSync from 'c/recordSync';
import OpportunityList from 'c/opportunityList';
import RequestDetail from 'c/requestDetail';
import RequestForm from 'c/requestForm';
import RequestInbox from 'c/requestInbox';
import RequestList from 'c/requestList';
import PartnerApply from 'c/partnerApply';
import PartnerCompany from 'c/partnerCompany';
import PartnerHome from 'c/partnerHome';
import { labels as deals } from 'c/dealLabels';
import { labels as partners } from 'c/partnerLabels';
import { labels as records } from 'c/recordLabels';
import { labels } from 'c/tandemLabels';

const company = { company: true };

/** API name of a tab of the company's app → its page. `tab`: whether the navigation bar shows it. */
export const CONSOLE = {
    Tandem_Home: { title: labels.home, tab: true, components: [[ChannelHome, {}], [RequestInbox, {}], [DealStates, {}]] },
    Tandem_Deals: { title: deals.dealsAll, tab: true, components: [[DealList, company]] },
    Tandem_Requests: { title: labels.requests, tab: true, components: [[RequestList, company]] },
    Tandem_Request: { title: labels.requests, within: 'Tandem_Requests', components: [[RequestDetail, company]] },
    Tandem_Deal: { title: deals.dealsAll, within: 'Tandem_Deals', components: [[DealDetail, company]] },
};

/** API name of an object with list views → its page; in an org Lightning's own list views do this. */
export const LISTS = Object.fromEntries(
    ['Opportunity', 'Lead', 'Account'].map((objectApiName) => [
        objectApiName,
        { title: records[`records_${objectApiName}`], components: [[RecordList, { objectApiName }]] },
    ]),
);

/** API name of an object → what its record page has, region by region. */
export const RECORDS = {
    Account: { main: [PartnerActivity, RecordApproval], side: [RecordSync] },
    Lead: { main: [RecordApproval, PartnerActivity], side: [PartnerAssignment, RecordSync] },
    Opportunity: { main: [RecordApproval, PartnerActivity], side: [PartnerAssignment, RecordSync] },
    Approval_Request__c: { main: [RecordApproval], side: [RecordSync] },
};

/** API name of a page of the partners' site → its page. */
export const SITE = {
    Home: { title: labels.home, tab: true, components: [[PartnerHome, {}]] },
    Apply__c: { title: partners.applyTitle, within: 'Home', components: [[PartnerApply, {}]] },
    Deals__c: { title: labels.deals, tab: true, components: [[DealList, {}]] },
    Register_Deal__c: { title: labels.dealRegister, tab: true, components: [[DealRegister, {}]] },
    Opportunities__c: { title: labels.opportunities, tab: true, components: [[OpportunityList, {}]] },
    Requests__c: { title: labels.requests, tab: true, components: [[RequestList, {}]] },
    Request__c: { title: labels.requests, within: 'Requests__c', components: [[RequestDetail, {}]] },
    Request_Form__c: { title: labels.requests, within: 'Requests__c', components: [[RequestForm, {}]] },
    Company__c: { title: labels.company, tab: true, components: [[PartnerCompany, {}]] },
    Deal__c: { title: labels.deals, within: 'Deals__c', components: [[DealDetail, {}]] },
};
