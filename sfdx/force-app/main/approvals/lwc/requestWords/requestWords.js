import { format } from 'c/tandemFormat';
import { labels } from 'c/tandemLabels';

/** What a request is called: its number, and its title or what kind of request it is. */
export function titleOf({ number, title, workflow_title: workflow }) {
    return format(labels.dealTitle, number, title || workflow);
}
