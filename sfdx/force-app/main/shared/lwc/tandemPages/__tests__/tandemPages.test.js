import { dealTab, recordPage, requestTab, sitePage, tab } from 'c/tandemPages';

it('leads to the tabs of the company, the pages of the site, and records', () => {
    expect(tab('Tandem_Deals')).toEqual({ type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deals' } });
    expect(dealTab('d1')).toEqual({ type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Deal' }, state: { c__dealId: 'd1' } });
    expect(requestTab('r1')).toEqual({ type: 'standard__navItemPage', attributes: { apiName: 'Tandem_Request' }, state: { c__requestId: 'r1' } });
    expect(sitePage('Deal__c', { dealId: 'd1' })).toEqual({ type: 'comm__namedPage', attributes: { name: 'Deal__c' }, state: { dealId: 'd1' } });
    expect(recordPage('Lead', '00Q')).toEqual({ type: 'standard__recordPage', attributes: { objectApiName: 'Lead', recordId: '00Q', actionName: 'view' } });
});
