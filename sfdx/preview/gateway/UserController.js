// What classes/UserController.cls does.
import { get } from './apex.js';

export const me = () => get('/api/me');
