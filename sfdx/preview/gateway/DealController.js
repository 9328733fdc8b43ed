// What classes/DealController.cls does.
import { get, part, patch, post } from './apex.js';

export const search = ({ state, q, sortBy, pageSize, cursor }) => get('/api/deals', { state, q, sort: sortBy, limit: pageSize, cursor });
export const opportunities = ({ state, q, sortBy, pageSize, cursor }) =>
    get('/api/deals/opportunities', { state, q, sort: sortBy, limit: pageSize, cursor });
export const exportCsv = ({ state, q }) => get('/api/deals/export', { state, q });
export const show = ({ dealId }) => get(`/api/deals/${part(dealId)}`);
export const edit = ({ dealId, values }) => patch(`/api/deals/${part(dealId)}`, values);
export const submit = ({ dealId }) => post(`/api/deals/${part(dealId)}/submit`);
export const withdraw = ({ dealId, reason }) => post(`/api/deals/${part(dealId)}/withdraw`, { reason });
