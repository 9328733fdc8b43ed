// What classes/PartnerController.cls does.
import { get, part, post } from './apex.js';

export const company = () => get('/api/partner');
export const agreement = ({ versionId, language }) => get(`/api/agreements/${part(versionId)}`, { language });
export const accept = ({ versionId, language, sha256, nameTyped }) =>
    post(`/api/partner/agreements/${part(versionId)}/accept`, { language, sha256, name_typed: nameTyped });
export const changeRole = ({ personId, role, take }) => post('/api/partner/people', { person_id: personId, role, take });
