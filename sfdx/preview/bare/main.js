// What the pages are measured against (`make bench ONLY=preview`): a Lightning table, and nothing else.
import '@lwc/synthetic-shadow';
import { createElement } from 'lwc';
import Table from 'bare/table';

document.body.append(createElement('bare-table', { is: Table }));
