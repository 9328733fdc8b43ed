// What classes/DealController.cls does.
import { get, part, patch, post } from './apex.js';

export const search = ({ state, q, pageSize, cursor }) => get('/api/deals', { state, q, limit: pageSize, cursor });
export const inbox = ({ pageSize, cursor }) => get('/api/deals/inbox', { limit: pageSize, cursor });
export const show = ({ dealId }) => get(`/api/deals/${part(dealId)}`);
export const register = ({ values, submit, key }) => post('/api/deals', { ...values, submit }, key);
export const edit = ({ dealId, values }) => patch(`/api/deals/${part(dealId)}`, values);
export const submit = ({ dealId }) => post(`/api/deals/${part(dealId)}/submit`);
export const answer = ({ dealId, reason, key }) => post(`/api/deals/${part(dealId)}/answer`, { reason }, key);
export const withdraw = ({ dealId, reason }) => post(`/api/deals/${part(dealId)}/withdraw`, { reason });
export const approve = ({ dealId, overrideReason }) =>
    post(`/api/deals/${part(dealId)}/approve`, { override_reason: overrideReason });
export const reject = ({ dealId, reason }) => post(`/api/deals/${part(dealId)}/reject`, { reason });
export const requestInfo = ({ dealId, reason }) => post(`/api/deals/${part(dealId)}/request-info`, { reason });
