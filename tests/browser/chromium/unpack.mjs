// Unpacks what @sparticuz/chromium carries: node unpack.mjs SOURCE TARGET
import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

const [source, target] = process.argv.slice(2);
for (const name of readdirSync(source).filter((one) => one.endsWith('.br')))
    await pipeline(createReadStream(join(source, name)), createBrotliDecompress(), createWriteStream(join(target, basename(name, '.br'))));
