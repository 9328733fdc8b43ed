// What classes/AssignmentController.cls does.
import { get, part, post } from './apex.js';

export const show = ({ objectApiName, recordId }) => get(`/api/records/${part(objectApiName)}/${part(recordId)}/assignment`);
export const candidates = ({ subject, id, q }) => get('/api/assignments/candidates', { subject, record_id: id, q });
export const assign = ({ subject, id, partnerId, reason, overCapacity }) =>
    post('/api/assignments', { subject, record_id: id, partner_id: partnerId, reason, over_capacity: overCapacity });
export const takeOff = ({ subject, id, reason }) => post('/api/assignments/take-off', { subject, record_id: id, reason });
export const undo = ({ subject, id, reason }) => post('/api/assignments/undo', { subject, record_id: id, reason });
