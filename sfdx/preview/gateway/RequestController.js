// What classes/RequestController.cls does.
import { fetchFile, get, part, patch, post, remove, upload } from './apex.js';

const path = (requestId, action = '') => `/api/requests/${part(requestId)}${action}`;

export const workflows = () => get('/api/workflows');
export const form = ({ workflow, values, requestId, language }) =>
    post(`/api/workflows/${part(workflow)}/form`, { values, language, request_id: requestId ?? null });
export const search = ({ workflow, state, q, mine, sortBy, pageSize, cursor }) =>
    get('/api/requests', { workflow, state, q, mine, sort: sortBy, limit: pageSize, cursor });
export const exportCsv = ({ state, q }) => get('/api/requests/export', { state, q });
export const inbox = ({ due, q, sortBy, pageSize, cursor }) =>
    get('/api/requests/inbox', { due, q, sort: sortBy, limit: pageSize, cursor });
export const show = ({ requestId }) => get(path(requestId));
export const open = ({ workflow, values, submit, key }) => post('/api/requests', { workflow, values, submit }, key);
export const edit = ({ requestId, values }) => patch(path(requestId), { values });
export const submit = ({ requestId }) => post(path(requestId, '/submit'));
export const resubmit = ({ requestId, values }) => post(path(requestId, '/resubmit'), { values });
export const decide = ({ requestId, decision, reason, step, round, extra }) =>
    post(path(requestId, '/decide'), { decision, reason, step, round, extra });
export const answer = ({ requestId, reason }) => post(path(requestId, '/answer'), { reason });
export const recall = ({ requestId, reason }) => post(path(requestId, '/recall'), { reason });
export const comment = ({ requestId, text, visible }) => post(path(requestId, '/comments'), { text, visible });
export const references = ({ kind, q, language }) => get(`/api/references/${part(kind)}`, { q, language });
export const files = ({ requestId }) => get(path(requestId, '/attachments'));
export const attach = ({ requestId, field, name, base64, visible }) =>
    upload(path(requestId, '/attachments'), { field, name, visible }, base64);
export const download = ({ requestId, attachmentId }) => fetchFile(path(requestId, `/attachments/${part(attachmentId)}`));
export const detach = ({ requestId, attachmentId }) => remove(path(requestId, `/attachments/${part(attachmentId)}`));
