// What the tests of components share: put one on the page, wait for it, look into it.
import { createElement } from 'lwc';

/** Put a component on the page. */
export function mount(tag, is, properties = {}) {
    const element = createElement(tag, { is });
    Object.assign(element, properties);
    document.body.appendChild(element);
    return element;
}

/** Let everything that was begun be drawn. */
export async function settled() {
    for (let round = 0; round < 12; round += 1) await Promise.resolve();
}

/** Wait for what takes turns of the event loop, such as reading a file. */
export async function until(holds) {
    await settled();
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
    await settled();
}

/** The first match in a component or in the components below it. */
export function find(root, selector) {
    return all(root, selector)[0] ?? null;
}

/** Every match in a component and in those below it. */
export function all(root, selector) {
    const found = [];
    const walk = (shadow) => {
        if (!shadow) return;
        found.push(...shadow.querySelectorAll(selector));
        for (const child of shadow.querySelectorAll('*')) walk(child.shadowRoot);
    };
    walk(root.shadowRoot);
    return found;
}

/** Everything that can be read. */
export function text(root) {
    const parts = [];
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) parts.push(node.textContent);
        if (node.shadowRoot) walk(node.shadowRoot);
        node.childNodes.forEach(walk);
    };
    walk(root);
    return parts.join(' ').replace(/\s+/g, ' ').trim();
}

/** An error as Tandem.cls throws it. */
export function problem(status, detail = '', more = {}) {
    return { status: 500, body: { message: JSON.stringify({ status, detail, ...more }) } };
}

export function clear() {
    while (document.body.firstChild) document.body.removeChild(document.body.firstChild);
    localStorage.clear();
    jest.clearAllMocks();
}
