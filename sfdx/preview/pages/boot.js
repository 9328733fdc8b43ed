// Before any component: who is signed in, in which language, zone and locale. Lightning knows this as well.
const LANGUAGES = ['en', 'de', 'es', 'ja'];
const CHOICE = 'tandem-preview-language';

const session = await asked('/preview/session');
const user = session?.user;
const lang = language();
const locale = user?.locale && user.locale.startsWith(lang) ? user.locale : { en: 'en-US', de: 'de-DE', es: 'es-ES', ja: 'ja-JP' }[lang];

globalThis.tandemPreview = {
    signedIn: Boolean(user),
    unreachable: session === undefined,
    session,
    user: user ?? { id: undefined, guest: true },
    languages: LANGUAGES,
    i18n: { lang, locale, timeZone: user?.timeZone || 'UTC', currency: user?.currency || 'USD', dir: 'ltr', ...formats(locale) },
    labels: await asked(`/labels/${lang}.json`),
    permissions: session?.permissions ?? [],
    formFactor: matchMedia('(max-width: 767px)').matches ? 'Small' : 'Large',
    community: { id: '0DB000000000001', basePath: '/partners' },
    choose(next) {
        localStorage.setItem(CHOICE, next);
        location.reload();
    },
};
document.documentElement.lang = lang;
await import('/app.js');

function language() {
    const wanted = localStorage.getItem(CHOICE) || user?.language || navigator.language;
    return LANGUAGES.find((one) => wanted.toLowerCase().startsWith(one)) ?? 'en';
}

function formats(locale) {
    const number = Object.fromEntries(new Intl.NumberFormat(locale).formatToParts(-12345.6).map(({ type, value }) => [type, value]));
    const pattern = (options) =>
        new Intl.DateTimeFormat(locale, options)
            .formatToParts(new Date(Date.UTC(2026, 10, 22)))
            .map(({ type, value }) => {
                if (type === 'day') return value.length > 1 && options.day === '2-digit' ? 'dd' : 'd';
                if (type === 'month') return { numeric: 'M', '2-digit': 'MM', short: 'MMM', long: 'MMMM' }[options.month];
                if (type === 'year') return 'yyyy';
                return /[a-z]/i.test(value) ? `'${value}'` : value;
            })
            .join('');
    const two = locale.startsWith('en-US') ? 'numeric' : '2-digit';
    return {
        decimal: number.decimal ?? '.',
        group: number.group ?? ',',
        firstDayOfWeek: /^(en-US|en-CA|ja)/.test(locale) ? 1 : 2,
        shortDate: pattern({ day: two, month: two, year: 'numeric' }),
        mediumDate: pattern(locale.startsWith('en') ? { day: 'numeric', month: 'short', year: 'numeric' } : { day: two, month: two, year: 'numeric' }),
        longDate: pattern({ day: 'numeric', month: 'long', year: 'numeric' }),
    };
}

/** The JSON there; null where nobody is signed in, undefined where nobody answers. */
async function asked(path) {
    try {
        const answer = await fetch(path, { credentials: 'same-origin' });
        return answer.ok ? await answer.json() : null;
    } catch {
        return undefined;
    }
}
