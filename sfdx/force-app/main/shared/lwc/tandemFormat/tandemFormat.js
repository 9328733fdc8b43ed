import LOCALE from '@salesforce/i18n/locale';
import TIME_ZONE from '@salesforce/i18n/timeZone';

/** A money amount. amount: text with a decimal point, as the API gives it. Empty where there is none. */
export function money(amount, currency) {
    if (amount === null || amount === undefined || amount === '') return '';
    if (!currency) return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2 }).format(amount);
    return new Intl.NumberFormat(LOCALE, { style: 'currency', currency, currencyDisplay: 'code' }).format(amount);
}

/** A business date (`2027-03-14`): the same day for every reader, whatever the zone. */
export function day(date) {
    if (!date) return '';
    return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** A moment, in the reader's zone. */
export function moment(instant) {
    if (!instant) return '';
    return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short', timeZone: TIME_ZONE }).format(
        new Date(instant),
    );
}

/** A country's name in the reader's language, for its code of two letters; anything else stays as it is. */
export function country(code) {
    if (!/^[A-Z]{2}$/.test(code ?? '')) return code ?? '';
    return new Intl.DisplayNames(LOCALE, { type: 'region' }).of(code);
}

const UNITS = [
    ['year', 31_536_000],
    ['month', 2_592_000],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
];

/** How long ago, or how soon, in words. now: milliseconds since 1970. */
export function relative(instant, now = Date.now()) {
    if (!instant) return '';
    const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
    const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });
    for (const [unit, length] of UNITS) {
        if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
    }
    return words.format(0, 'minute');
}

/** Whole days from today to a business date, in the reader's zone; negative when it is over. */
export function daysUntil(date, now = Date.now()) {
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE }).format(new Date(now));
    return Math.round((Date.parse(date) - Date.parse(today)) / 86_400_000);
}

/** `{0} of {1}` with values. */
export function format(text, ...values) {
    return text.replace(/\{(\d)\}/g, (whole, index) => (index in values ? values[index] : whole));
}
