// What `@salesforce/*` stands for without an org: a module for each import, or a build that fails.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

const PREFIX = '\0salesforce:';
const DEPLOYED = new Set(['.js', '.css', '.svg', '.png']);

// Read when the page starts: `boot.js` has put them there before the components are loaded.
const RUNTIME = {
    '@salesforce/user/Id': 'tandemPreview.user.id',
    '@salesforce/user/isGuest': 'tandemPreview.user.guest',
    '@salesforce/i18n/lang': 'tandemPreview.i18n.lang',
    '@salesforce/i18n/locale': 'tandemPreview.i18n.locale',
    '@salesforce/i18n/timeZone': 'tandemPreview.i18n.timeZone',
    '@salesforce/i18n/currency': 'tandemPreview.i18n.currency',
    '@salesforce/i18n/dir': 'tandemPreview.i18n.dir',
    '@salesforce/i18n/firstDayOfWeek': 'tandemPreview.i18n.firstDayOfWeek',
    '@salesforce/i18n/number.decimalSeparator': 'tandemPreview.i18n.decimal',
    '@salesforce/i18n/number.groupingSeparator': 'tandemPreview.i18n.group',
    '@salesforce/i18n/dateTime.shortDateFormat': 'tandemPreview.i18n.shortDate',
    '@salesforce/i18n/dateTime.mediumDateFormat': 'tandemPreview.i18n.mediumDate',
    '@salesforce/i18n/dateTime.longDateFormat': 'tandemPreview.i18n.longDate',
    '@salesforce/client/formFactor': 'tandemPreview.formFactor',
    '@salesforce/community/Id': 'tandemPreview.community.id',
    '@salesforce/community/basePath': 'tandemPreview.community.basePath',
};

export class Faults extends Error {}

/** What the labels files say: {language: {name: text}}. English is the source of the others. */
export function readLabels(force) {
    const labels = { en: {} };
    for (const file of under(force, 'labels', '.labels-meta.xml')) {
        for (const [, body] of read(file).matchAll(/<labels>([\s\S]*?)<\/labels>/g)) {
            labels.en[tag(body, 'fullName')] = tag(body, 'value');
        }
    }
    for (const file of under(force, 'translations', '.translation-meta.xml')) {
        const language = file.match(/([a-z]{2}(?:_[A-Z]{2})?)\.translation-meta\.xml$/)[1];
        const found = (labels[language] ??= {});
        for (const [, body] of read(file).matchAll(/<customLabels>([\s\S]*?)<\/customLabels>/g)) {
            found[tag(body, 'name')] = tag(body, 'label');
        }
    }
    return labels;
}

/** The plugin. force: `force-app/main`; gateway: where the stand-ins of Apex classes are; labels: as read. */
export function salesforce({ force, gateway, labels, packaged }) {
    return {
        name: 'salesforce',
        resolveId(id) {
            if (!id.startsWith('@salesforce/')) return null;
            if (id.startsWith('@salesforce/apex/') || id === '@salesforce/apex') return PREFIX + id;
            if (id in RUNTIME || /^@salesforce\/(label\/c\.|schema\/|resourceUrl\/|userPermission\/|customPermission\/)/.test(id))
                return PREFIX + id;
            // The base components' own labels and constants come with their package.
            return packaged(id) ?? PREFIX + id;
        },
        load(id) {
            if (!id.startsWith(PREFIX)) return null;
            const wanted = id.slice(PREFIX.length);
            const [, kind, name] = wanted.match(/^@salesforce\/([^/]+)\/?(.*)$/);
            if (wanted in RUNTIME) return `export default globalThis.${RUNTIME[wanted]};`;
            if (wanted === '@salesforce/apex') return `export { refreshApex } from ${str(join(gateway, 'apex.js'))};`;
            if (kind === 'apex') return apex(name, { force, gateway });
            if (kind === 'label') return label(name, labels);
            if (kind === 'schema') return schema(name);
            if (kind === 'resourceUrl') return resource(name, force);
            if (kind === 'userPermission' || kind === 'customPermission')
                return `export default globalThis.tandemPreview.permissions.includes(${str(name)}) || undefined;`;
            throw new Faults(`${wanted} is not known to the preview: add it to tools/salesforce.mjs.`);
        },
    };
}

function apex(name, { force, gateway }) {
    const [, className, method] = name.match(/^(?:\w+\.)?(\w+)\.(\w+)$/) ?? [];
    const path = className && join(gateway, `${className}.js`);
    if (!path || !existsSync(path)) throw new Faults(`@salesforce/apex/${name}: there is no gateway/${className}.js.`);
    if (!new RegExp(`^export const ${method} = `, 'm').test(read(path)))
        throw new Faults(`@salesforce/apex/${name}: gateway/${className}.js exports no ${method}.`);
    return `import { callable } from ${str(join(gateway, 'apex.js'))};
        import { ${method} } from ${str(path)};
        export default callable(${str(name)}, ${method});`;
}

function label(name, labels) {
    const key = name.replace(/^c\./, '');
    const missing = Object.keys(labels).filter((language) => !(key in labels[language]));
    if (missing.length) throw new Faults(`@salesforce/label/${name} has no text in: ${missing.join(', ')}.`);
    return `export default globalThis.tandemPreview.labels[${str(key)}];`;
}

/** The files of static resources: {name, path}. A file beside one that is not deployed has no metadata. */
export function readResources(force) {
    return [...under(force, 'staticresources', '.resource-meta.xml')].map((metadata) => {
        const name = basename(metadata, '.resource-meta.xml');
        const file = readdirSync(dirname(metadata)).find((one) => one.startsWith(`${name}.`) && DEPLOYED.has(extname(one)));
        if (!file) throw new Faults(`The static resource ${name} has no file.`);
        return { name, path: join(dirname(metadata), file) };
    });
}

function resource(name, force) {
    const found = readResources(force).find((one) => one.name === name);
    if (!found) throw new Faults(`@salesforce/resourceUrl/${name}: there is no such static resource.`);
    // With its ending, by which the server knows its kind; an org knows it by the metadata.
    return `export default ${str(`/static/resource/${basename(found.path)}`)};`;
}

function schema(name) {
    const [object, field] = name.split('.');
    const value = field ? { objectApiName: object, fieldApiName: field } : { objectApiName: object };
    return `export default ${JSON.stringify(value)};`;
}

function* under(force, folder, ending) {
    for (const feature of readdirSync(force).sort()) {
        const directory = join(force, feature, folder);
        if (!existsSync(directory)) continue;
        for (const file of readdirSync(directory).sort()) if (file.endsWith(ending)) yield join(directory, file);
    }
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const tag = (body, name) =>
    body
        .match(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`))[1]
        .replace(/&(amp|lt|gt|quot|apos);/g, (_, entity) => ENTITIES[entity]);
const read = (file) => readFileSync(file, 'utf8');
const str = JSON.stringify;
