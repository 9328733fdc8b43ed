import { labels } from 'c/tandemLabels';

/**
 * What went wrong, in the reader's words.
 *
 * In: whatever an Apex call rejected with. Tandem.cls throws the API's problem as JSON in the message; the
 * platform throws plain messages; a broken line throws nothing readable.
 * Out: {sentence, fields, code, status, retry, signIn}. fields: field name → sentence. retry: trying again
 * may help. signIn: the session is over.
 */
export function explain(error) {
    const problem = problemIn(error);
    const { status = 0, code = '', detail = '', fields = {} } = problem;
    const signIn = status === 401 || code === 'session_ended';
    const away = status === 0 || status === 502 || status === 503 || status === 504;
    let sentence = detail || labels.errorUnknown;
    if (signIn) sentence = labels.errorSession;
    else if (away && !detail) sentence = labels.errorAway;
    else if (status === 404 && !detail) sentence = labels.errorNotFound;
    return { sentence, fields: fields ?? {}, code, status, signIn, retry: away || status === 429 || status >= 500 };
}

/** An error of the page's own, to be shown like the API's. fields: field name → sentence. */
export function complaint(sentence, fields = {}) {
    return { status: 400, body: { message: JSON.stringify({ status: 400, code: 'bad_input', detail: sentence, fields }) } };
}

function problemIn(error) {
    const message = messageOf(error);
    if (!message) return {};
    try {
        const parsed = JSON.parse(message);
        if (parsed && typeof parsed === 'object') return parsed;
    } catch {
        // A sentence of the platform's own.
    }
    return { status: error?.status ?? 500, detail: message };
}

function messageOf(error) {
    const body = error?.body;
    if (Array.isArray(body)) {
        return body
            .map((one) => one.message)
            .filter(Boolean)
            .join(' ');
    }
    return body?.message ?? body?.pageErrors?.[0]?.message ?? error?.message ?? '';
}
