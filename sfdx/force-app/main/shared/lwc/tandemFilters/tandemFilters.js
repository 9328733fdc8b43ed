import { labels } from 'c/tandemLabels';

/*
 * The filters of a list, as it is asked to have them: {name, label, kind, hint, all, options, counted}. Of the kind
 * `text` or `check` (yes or no), or else one of `options` [{value, label}] or none, which `all` names; `counted`: its
 * options show what the server counts.
 */

/** Each filter as it is shown: with its kind, its value or `none`, and its options, counted where counts are known. */
export function shown(filters, values, counts) {
    return filters.map((one) => {
        const isText = one.kind === 'text';
        const isCheck = one.kind === 'check';
        const options = isText || isCheck ? undefined : optionsOf(one, counts);
        const none = isCheck ? false : '';
        return { ...one, isText, isCheck, options, none, value: values[one.name] ?? none };
    });
}

/** What the server is asked for: {name: value}, null for an option that is not chosen. */
export function question(filters, values) {
    return Object.fromEntries(shown(filters, values).map(({ name, options, value }) => [name, options ? value || null : value]));
}

/** Of values that were kept, those that can still be chosen. */
export function choosable(filters, values) {
    const found = shown(filters, values).filter(({ options, value }) => !options || includes(options, value));
    return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

/** The filter by the state of what is listed, which the server counts. options: as above. */
export function byState(options) {
    return { name: 'state', label: labels.state, all: labels.allStates, options, counted: true };
}

/** Whether a value is among options. */
export function includes(options, value) {
    return options.some((option) => option.value === value);
}

function optionsOf({ all, options, counted }, counts) {
    const known = counted && counts;
    const sum = Object.values(known || {}).reduce((before, count) => before + count, 0);
    const option = (value, label, count = 0) => ({ value, label: known ? `${label} (${count})` : label });
    return [option('', all, sum), ...options.map(({ value, label }) => option(value, label, known ? known[value] : 0))];
}
