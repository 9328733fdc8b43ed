import LOCALE from '@salesforce/i18n/locale';
import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

const MEGABYTE = 1_000_000;

/** Bytes of a file that can pass through an Apex controller: `Tandem.LARGEST_FILE`. */
export const LARGEST = 2 * MEGABYTE;

/** A size as people read it. */
export function sizeOf(bytes) {
    if (bytes >= MEGABYTE) return `${new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 }).format(bytes / MEGABYTE)} MB`;
    return `${Math.max(1, Math.round(bytes / 1000))} KB`;
}

/** Why these files cannot be sent, in a sentence; empty where they can. most: what a field takes of each, in bytes. */
export function refusal(files, most = LARGEST) {
    const limit = Math.min(most, LARGEST);
    const large = files.find((file) => file.size > limit);
    if (large) return format(labels.fileTooLarge, large.name, sizeOf(limit));
    const empty = files.find((file) => file.size === 0);
    return empty ? format(labels.fileEmpty, empty.name) : '';
}

/** What is in a file, as base64. */
export function base64Of(file) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
        reader.onerror = () => reject(new Error(format(labels.fileUnreadable, file.name)));
        reader.readAsDataURL(file);
    });
}

/** Hand a file to the reader. content: text, or bytes. */
export function save(name, content, type) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
}

/** Hand a file to the reader that came as base64. */
export function saveBase64(name, base64, type) {
    save(name, Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)), type);
}
