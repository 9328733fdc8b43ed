// What Lightning's own module does: each address once, however many components ask for it.
const begun = new Map();

/** Run a static resource's script; resolves when it has run. */
export function loadScript(_component, url) {
    return once(url, () => Object.assign(document.createElement('script'), { src: url }));
}

/** Take a static resource's style sheet over; resolves when it counts. */
export function loadStyle(_component, url) {
    return once(url, () => Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url }));
}

function once(url, make) {
    if (!begun.has(url)) begun.set(url, added(make(), url));
    return begun.get(url);
}

function added(element, url) {
    return new Promise((resolve, reject) => {
        element.onload = () => resolve();
        element.onerror = () => {
            // Whoever asks again tries again.
            begun.delete(url);
            element.remove();
            reject(new Error(`${url} cannot be loaded.`));
        };
        document.head.append(element);
    });
}
