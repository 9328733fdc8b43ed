// What classes/RecordController.cls does.
import { get, part, post } from './apex.js';

const path = (objectApiName, recordId, action = '') => `/api/records/${part(objectApiName)}/${part(recordId)}${action}`;

export const home = () => get('/api/home');
export const search = ({ objectApiName, q, partner, assigned, mine, sortBy, pageSize, cursor }) =>
    get(`/api/records/${part(objectApiName)}`, { q, partner, assigned, mine, sort: sortBy, limit: pageSize, cursor });
export const activity = ({ objectApiName, recordId, kind, pageSize, cursor }) =>
    get(path(objectApiName, recordId, '/activity'), { group: kind, limit: pageSize, cursor });
export const requests = ({ objectApiName, recordId }) => get(path(objectApiName, recordId, '/requests'));
export const syncState = ({ objectApiName, recordId }) => get(path(objectApiName, recordId, '/sync'));
export const retrySync = ({ objectApiName, recordId }) => post(path(objectApiName, recordId, '/sync/retry'));
export const decideConflict = ({ objectApiName, recordId, conflictId, take }) =>
    post(path(objectApiName, recordId, `/sync/conflicts/${part(conflictId)}`), { take });
