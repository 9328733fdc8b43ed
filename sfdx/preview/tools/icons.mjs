// Of 3,378 icons, those that the sources name.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Faults } from './salesforce.mjs';

const PREFIX = '\0icons:';
const ICON = /\b(utility|action|standard|doctype|custom):([a-z0-9_]+)\b/g;

/** folders: where names are looked for; own: those in which an unknown name is a fault. */
export function icons({ components, folders, own }) {
    const wanted = {};
    for (const folder of folders) {
        for (const file of files(folder)) {
            for (const [name, category, icon] of readFileSync(file, 'utf8').matchAll(ICON)) {
                const path = join(components, `iconSvgTemplates${capital(category)}`, 'buildTemplates', category, `${icon}.html`);
                if (existsSync(path)) (wanted[category] ??= new Map()).set(icon, path);
                else if (own.includes(folder)) throw new Faults(`${file}: there is no icon ${name}.`);
            }
        }
    }
    return {
        name: 'icons',
        resolveId: (id) => (/^lightning\/iconSvgTemplates[A-Z]/.test(id) ? PREFIX + id : null),
        load(id) {
            if (!id.startsWith(PREFIX)) return null;
            const [, category, mirrored] = id.match(/iconSvgTemplates(Utility|Action|Standard|Doctype|Custom)(Rtl)?$/) ?? [];
            const found = mirrored ? [] : [...(wanted[category?.toLowerCase()] ?? [])];
            const imports = found.map(([icon, path]) => `import ${symbol(category, icon)} from ${JSON.stringify(path)};`);
            return `${imports.join('\n')}\nexport default { ${found.map(([icon]) => symbol(category, icon)).join(', ')} };`;
        },
    };
}

const symbol = (category, icon) => `${category.toLowerCase()}_${icon}`;
const capital = (word) => word[0].toUpperCase() + word.slice(1);

function* files(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            if (!/^(iconSvgTemplates|__tests__|node_modules)/.test(entry.name)) yield* files(path);
        } else if (/\.(js|html)$/.test(entry.name)) yield path;
    }
}
