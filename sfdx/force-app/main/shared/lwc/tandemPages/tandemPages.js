// Where a page is, as Lightning's navigation takes it.

/** A tab of the company's app; state: {c__name: value} of its address. */
export function tab(apiName, state) {
    return { type: 'standard__navItemPage', attributes: { apiName }, state };
}

/** The company's page of a deal. */
export function dealTab(dealId) {
    return tab('Tandem_Deal', { c__dealId: dealId });
}

/** The company's page of a request. */
export function requestTab(requestId) {
    return tab('Tandem_Request', { c__requestId: requestId });
}

/** A page of the partners' site, by its API name; state: {name: value} of its address. */
export function sitePage(name, state) {
    return { type: 'comm__namedPage', attributes: { name }, state };
}

/** A record of Salesforce. */
export function recordPage(objectApiName, recordId) {
    return { type: 'standard__recordPage', attributes: { objectApiName, recordId, actionName: 'view' } };
}
