// What an Apex controller does, done in the browser: one call of Tandem's API, and its errors as Apex throws them.
// The bearer token stays with the preview's server, as it stays with the Named Credential in an org.

/** A method that a component may call, or wire. name: `DealController.search`. */
export function callable(name, method) {
    const call = async (parameters = {}) => frozen(await method(parameters ?? {}));
    Object.defineProperty(call, 'name', { value: name });
    call.adapter = class {
        constructor(emit) {
            this.emit = emit;
        }
        connect() {
            this.connected = true;
        }
        disconnect() {
            this.connected = false;
        }
        async update(parameters) {
            // As in an org: nothing is called while a reactive parameter is undefined.
            if (Object.values(parameters).some((value) => value === undefined)) return;
            this.asked = parameters;
            let result;
            try {
                result = { data: await call(parameters), error: undefined };
            } catch (error) {
                result = { data: undefined, error };
            }
            if (!this.connected || this.asked !== parameters) return;
            wired.set(result, this);
            this.emit(result);
        }
    };
    return call;
}

const wired = new WeakMap();

/** Ask again for what a wire was given. */
export async function refreshApex(result) {
    const adapter = wired.get(result);
    if (adapter) await adapter.update({ ...adapter.asked });
}

export const get = (path, query = {}) => send('GET', path + queryOf(query));
export const post = (path, body = {}, key = undefined) => send('POST', path, body, key);
export const put = (path, body = {}) => send('PUT', path, body);
export const patch = (path, body = {}) => send('PATCH', path, body);
export const remove = (path) => send('DELETE', path);
/** Bytes, given as base64, as the body. */
export const upload = (path, query, base64) =>
    send('POST', path + queryOf(query), Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
/** A file: {name, type, base64}, as an Apex method hands bytes to a component. */
export async function fetchFile(path) {
    const answer = await answered('GET', path);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    let binary = '';
    for (let start = 0; start < bytes.length; start += 32_768) binary += String.fromCharCode(...bytes.subarray(start, start + 32_768));
    return { name: nameIn(answer.headers.get('Content-Disposition') ?? ''), type: answer.headers.get('Content-Type'), base64: btoa(binary) };
}
/** A value as part of a path. */
export const part = encodeURIComponent;

function queryOf(query) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
    return given.length ? `?${new URLSearchParams(given)}` : '';
}

/** The file's name in a Content-Disposition; RFC 6266's own form goes before the plain one. */
function nameIn(disposition) {
    const encoded = disposition.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
    return encoded ? decodeURIComponent(encoded) : (disposition.match(/filename="?([^";]+)/)?.[1] ?? 'file');
}

async function send(method, path, body, key) {
    const answer = await answered(method, path, body, key);
    const text = await answer.text();
    return (answer.headers.get('Content-Type') ?? '').includes('json') ? JSON.parse(text) : text;
}

/** The API's answer. Throws its problem. */
async function answered(method, path, body, key) {
    // As in an org: the language that the reader has chosen, in which the API answers.
    const headers = { Accept: 'application/json', 'Accept-Language': globalThis.tandemPreview.i18n.locale };
    const bytes = body instanceof Uint8Array;
    if (body !== undefined) headers['Content-Type'] = bytes ? 'application/octet-stream' : 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    let answer;
    try {
        answer = await fetch(`/tandem${path}`, {
            method,
            headers,
            body: body === undefined || bytes ? body : JSON.stringify(body),
            credentials: 'same-origin',
        });
    } catch {
        throw thrown({ status: 503, code: 'unavailable', detail: '' });
    }
    if (answer.ok) return answer;
    let problem = {};
    try {
        problem = JSON.parse(await answer.text());
    } catch {
        // The sentence for the status will do.
    }
    throw thrown({ ...problem, status: answer.status });
}

/** As `Tandem.cls` throws it: an AuraHandledException whose message is the problem as JSON. */
function thrown(problem) {
    const { status, code = '', detail = '', fields = {}, allowed, request_id: requestId = '' } = problem;
    const message = JSON.stringify({ status, code, detail, fields, allowed, requestId });
    return { ok: false, status: 500, statusText: 'Server Error', body: { message, exceptionType: 'System.AuraHandledException' } };
}

/** Lightning hands components read-only data. */
function frozen(value) {
    if (value && typeof value === 'object') {
        Object.values(value).forEach(frozen);
        Object.freeze(value);
    }
    return value;
}
