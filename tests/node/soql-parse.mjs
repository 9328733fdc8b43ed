// Reads a JSON array of queries from stdin; writes an array with each one's parse, or null where refused.
import { parseQuery } from '@jetstreamapp/soql-parser-js';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const parsed = JSON.parse(text).map((query) => {
  try {
    return parseQuery(query);
  } catch {
    return null;
  }
});
process.stdout.write(JSON.stringify(parsed));
