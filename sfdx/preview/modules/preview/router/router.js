// Page references and addresses. What has no page here is said so on a page of its own.
const SITE = '/partners';
const CONSOLE = '/lightning';
const listeners = new Set();

addEventListener('popstate', () => tell());

/** The present page as Lightning's page reference. */
export function current() {
    return referenceOf(new URL(location.href));
}

/** Be told of each new page; returns how to stop. */
export function subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

export function go(reference, replace = false) {
    if (reference.type === 'standard__webPage') {
        open(reference.attributes.url, '_blank', 'noopener');
        return;
    }
    if (reference.type === 'comm__loginPage') {
        leave();
        return;
    }
    visit(urlOf(reference), replace);
}

/** End the session, and choose again whom to be. */
export async function leave() {
    await fetch('/preview/session', { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
    location.assign('/');
}

export function visit(url, replace = false) {
    history[replace ? 'replaceState' : 'pushState'](null, '', url);
    scrollTo(0, 0);
    tell();
}

export function urlOf({ type, attributes = {}, state = {} }) {
    const query = new URLSearchParams(Object.entries(state).filter(([, value]) => value !== undefined && value !== null && value !== ''));
    const end = query.size ? `?${query}` : '';
    switch (type) {
        case 'comm__namedPage':
            return `${SITE}${attributes.name === 'Home' ? '/' : `/${slug(attributes.name)}`}${end}`;
        case 'standard__navItemPage':
            return `${CONSOLE}/n/${attributes.apiName}${end}`;
        case 'standard__recordPage':
            return `${CONSOLE}/r/${attributes.objectApiName}/${attributes.recordId}/${attributes.actionName ?? 'view'}${end}`;
        case 'standard__objectPage':
            return `${CONSOLE}/o/${attributes.objectApiName}/${attributes.actionName ?? 'list'}${end}`;
        case 'standard__webPage':
            return attributes.url;
        default:
            throw new Error(`The preview has no address for a page of type ${type}.`);
    }
}

function referenceOf({ pathname, searchParams }) {
    const state = Object.fromEntries(searchParams);
    if (pathname.startsWith(SITE)) {
        const name = pathname.slice(SITE.length).replace(/^\/|\/$/g, '');
        return { type: 'comm__namedPage', attributes: { name: name ? unslug(name) : 'Home' }, state };
    }
    const [, kind, first, second, action] = pathname.slice(CONSOLE.length).split('/');
    if (kind === 'r') return { type: 'standard__recordPage', attributes: { objectApiName: first, recordId: second, actionName: action ?? 'view' }, state };
    if (kind === 'o') return { type: 'standard__objectPage', attributes: { objectApiName: first, actionName: second ?? 'list' }, state };
    return { type: 'standard__navItemPage', attributes: { apiName: first || 'Tandem_Home' }, state };
}

// Register_Deal__c ↔ register-deal, as an LWR site names its addresses.
const slug = (name) => name.replace(/__c$/, '').replaceAll('_', '-').toLowerCase();
const unslug = (path) => `${path.split('-').map((word) => word[0].toUpperCase() + word.slice(1)).join('_')}__c`;

function tell() {
    const reference = current();
    for (const listener of [...listeners]) listener(reference);
}
