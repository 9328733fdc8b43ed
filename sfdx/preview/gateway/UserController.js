// What classes/UserController.cls does.
import { get, post } from './apex.js';

export const me = () => get('/api/me');
export const notices = ({ unread, pageSize }) => get('/api/notices', { unread, limit: pageSize });
export const readNotices = ({ ids }) => post('/api/notices/read', { ids });
