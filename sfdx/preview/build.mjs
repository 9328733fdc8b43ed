// Builds the pages: node build.mjs OUTPUT. The components are taken as they are in force-app.
// node build.mjs OUTPUT bare builds, in the same way, the page that they are measured against.
import lwc from '@lwc/rollup-plugin';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rollup } from 'rollup';
import { icons } from './tools/icons.mjs';
import { Faults, readLabels, readResources, salesforce } from './tools/salesforce.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const force = resolve(here, '../force-app/main');
const npm = join(here, 'node_modules');
const components = join(npm, 'lightning-base-components');
const FATAL = new Set(['UNRESOLVED_IMPORT', 'MISSING_EXPORT', 'UNUSED_EXTERNAL_IMPORT', 'EMPTY_BUNDLE']);

/** Every component of the project, as a module of the namespace `c`. */
export function projectModules() {
    const found = [];
    for (const feature of readdirSync(force).sort()) {
        const directory = join(force, feature, 'lwc');
        if (!existsSync(directory)) continue;
        for (const name of readdirSync(directory).sort()) {
            const path = join(directory, name, `${name}.js`);
            if (existsSync(path)) found.push({ name: `c/${name}`, path, folder: join(directory, name) });
        }
    }
    return found;
}

/** The project's files have no package of their own: what they import is looked up as if the preview did. */
function asIfHere(modules) {
    const own = new Map(modules.map(({ name, path }) => [name, `${path}?specifier=${encodeURIComponent(name)}`]));
    return {
        name: 'as-if-here',
        resolveId(id, importer) {
            if (own.has(id)) return own.get(id);
            if (!importer?.startsWith(force) || /^[./]/.test(id)) return null;
            return this.resolve(id, join(here, 'modules/main.js'), { skipSelf: true });
        },
    };
}

function packagedModules() {
    const declared = JSON.parse(readFileSync(join(components, 'package.json'), 'utf8')).lwc.modules;
    const paths = new Map(declared.filter((one) => one.name).map((one) => [one.name, join(components, one.path)]));
    return (id) => {
        if (paths.has(id)) return paths.get(id);
        const path = join(components, 'scopedImports', `${id.replaceAll('/', '-')}.js`);
        return existsSync(path) ? path : null;
    };
}

export async function bundle({ input, output, minify = true, more = [] }) {
    const own = projectModules();
    const labels = readLabels(force);
    const local = join(here, 'modules');
    const gateway = join(here, 'gateway');
    const sources = own.map((one) => one.folder);
    const built = await rollup({
        input,
        plugins: [
            salesforce({ force, gateway, labels, packaged: packagedModules() }),
            icons({
                components: join(components, 'src/lightning'),
                folders: [...sources, local, gateway, join(components, 'src/lightning')],
                own: [...sources, local],
            }),
            asIfHere(own),
            lwc({
                rootDir: local,
                modules: [{ dir: local }, ...more.map((dir) => ({ dir })), { npm: 'lightning-base-components' }],
                enableDynamicComponents: true,
                enableSyntheticElementInternals: true,
                enableLightningWebSecurityTransforms: false,
                enableLwcSpread: true,
            }),
            replace({
                preventAssignment: true,
                values: { 'import.meta.env.SSR': 'false', 'process.env.NODE_ENV': JSON.stringify(minify ? 'production' : 'development') },
            }),
        ],
        onwarn(warning) {
            if (FATAL.has(warning.code)) throw new Faults(`${warning.code}: ${warning.message}`);
            if (warning.id?.startsWith(local) || sources.some((folder) => warning.id?.startsWith(folder)))
                throw new Faults(`${warning.id}: ${warning.message}`);
        },
    });
    await built.write({
        dir: output,
        format: 'es',
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        plugins: minify ? [terser({ format: { comments: false } })] : [],
    });
    await built.close();
    return labels;
}

/** The design system's style sheet, with the fonts and images that it names. */
function styles(output) {
    const assets = join(npm, '@salesforce-ux/design-system/assets');
    const css = readFileSync(join(assets, 'styles/salesforce-lightning-design-system.min.css'), 'utf8');
    for (const [, path] of css.matchAll(/url\(["']?(\.\.\/[^"')?#]+)/g)) {
        const from = resolve(assets, 'styles', path);
        if (!existsSync(from)) continue;
        const to = resolve(output, 'slds/styles', path);
        mkdirSync(dirname(to), { recursive: true });
        cpSync(from, to);
    }
    mkdirSync(join(output, 'slds/styles'), { recursive: true });
    writeFileSync(join(output, 'slds/styles/slds.css'), css);
}

function resources(output) {
    mkdirSync(join(output, 'static/resource'), { recursive: true });
    for (const { path } of readResources(force)) cpSync(path, join(output, 'static/resource', basename(path)));
}

function compress(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) compress(path);
        else if (/\.(js|css|json|html|svg)$/.test(entry.name)) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
    }
}

async function main(output, bare) {
    const labels = await bundle(
        bare
            ? { input: { app: join(here, 'bare/main.js') }, output, more: [join(here, 'bare/modules')] }
            : { input: { app: join(here, 'modules/main.js') }, output },
    );
    mkdirSync(join(output, 'labels'), { recursive: true });
    for (const [language, texts] of Object.entries(labels))
        writeFileSync(join(output, 'labels', `${language}.json`), JSON.stringify(texts));
    cpSync(join(here, 'pages'), output, { recursive: true });
    styles(output);
    resources(output);
    compress(output);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    if (!process.argv[2]) {
        console.error('Say where to: node build.mjs OUTPUT');
        process.exit(2);
    }
    try {
        await main(resolve(process.argv[2]), process.argv[3] === 'bare');
    } catch (error) {
        console.error(error instanceof Faults ? error.message : (error.stack ?? error));
        process.exit(1);
    }
}
