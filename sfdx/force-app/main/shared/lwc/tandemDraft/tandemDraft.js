import USER from '@salesforce/user/Id';

// What is typed stays in this browser until it has been sent, for this user only, for two weeks.
const PREFIX = 'tandem-draft';
const LIFE = 14 * 86_400_000;

const keyOf = (name) => `${PREFIX}:${USER}:${name}`;

/** Keep values under a name; lasting: for longer than two weeks. False where the browser does not allow it. */
export function keep(name, values, now = Date.now(), lasting = false) {
    try {
        localStorage.setItem(keyOf(name), JSON.stringify({ at: now, values, lasting: lasting || undefined }));
        return true;
    } catch {
        return false;
    }
}

/** {at, values} kept under a name, or null. */
export function kept(name, now = Date.now()) {
    try {
        const found = JSON.parse(localStorage.getItem(keyOf(name)));
        if (!found) return null;
        if (found.lasting || now - found.at <= LIFE) return found;
        forget(name);
    } catch {
        // Not readable: as if nothing had been kept.
    }
    return null;
}

/** Keep it no longer. */
export function forget(name) {
    try {
        localStorage.removeItem(keyOf(name));
    } catch {
        // Nothing could be kept in the first place.
    }
}
