// What classes/AssignmentController.cls does.
import { get, part, post } from './apex.js';

export const show = ({ objectApiName, recordId }) => get(`/api/records/${part(objectApiName)}/${part(recordId)}/assignment`);
export const candidates = ({ subject, subjectId, q }) => get('/api/assignments/candidates', { subject, record_id: subjectId, q });
export const assign = ({ subject, subjectId, partnerId, reason, overCapacity }) =>
    post('/api/assignments', { subject, record_id: subjectId, partner_id: partnerId, reason, over_capacity: overCapacity });
export const takeOff = ({ subject, subjectId, reason }) => post('/api/assignments/take-off', { subject, record_id: subjectId, reason });
export const undo = ({ subject, subjectId, reason }) => post('/api/assignments/undo', { subject, record_id: subjectId, reason });
