// What classes/DealController.cls does.
import { get, part, patch, post } from './apex.js';

export const search = ({ state, q, pageSize, cursor }) => get('/api/deals', { state, q, limit: pageSize, cursor });
// Waiting registrations; who decides them sees them in RequestController.inbox.
export const inbox = ({ pageSize, cursor }) =>
    get('/api/deals', { state: 'submitted', limit: pageSize, cursor });
export const show = ({ dealId }) => get(`/api/deals/${part(dealId)}`);
export const register = ({ values, submit, key }) => post('/api/deals', { ...values, submit }, key);
export const edit = ({ dealId, values }) => patch(`/api/deals/${part(dealId)}`, values);
export const submit = ({ dealId }) => post(`/api/deals/${part(dealId)}/submit`);
export const withdraw = ({ dealId, reason }) => post(`/api/deals/${part(dealId)}/withdraw`, { reason });

// Decisions and answers belong to the deal's request.
const onRequest = async (dealId, action, body, key) => {
    const { request_id: requestId } = await show({ dealId });
    await post(`/api/requests/${part(requestId)}/${action}`, body, key);
    return show({ dealId });
};
export const answer = ({ dealId, reason, key }) => onRequest(dealId, 'answer', { reason }, key);
export const approve = ({ dealId, overrideReason }) =>
    onRequest(dealId, 'decide', { decision: 'approve', extra: { override_reason: overrideReason } });
export const reject = ({ dealId, reason }) => onRequest(dealId, 'decide', { decision: 'reject', reason });
export const requestInfo = ({ dealId, reason }) => onRequest(dealId, 'decide', { decision: 'request_info', reason });
