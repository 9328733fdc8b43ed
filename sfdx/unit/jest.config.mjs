// Unit tests of the components, on Salesforce's own jest preset.
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { jestConfig } = require('@salesforce/sfdx-lwc-jest/config');

export default {
    ...jestConfig,
    rootDir: resolve(here, '..'),
    roots: [resolve(here, '../force-app'), here],
    modulePaths: [resolve(here, 'node_modules')],
    moduleNameMapper: {
        '^lightning/select$': resolve(here, 'stubs/select.js'),
        '^lightning/navigation$': resolve(here, 'stubs/navigation.js'),
    },
    setupFilesAfterEnv: [...(jestConfig.setupFilesAfterEnv ?? []), resolve(here, 'setup.js')],
    collectCoverageFrom: ['force-app/**/lwc/**/*.js', '!**/__tests__/**', '!**/lwc/*Labels/**'],
    coverageReporters: ['text-summary', 'text'],
    coverageThreshold: { global: { lines: 90 } },
    // A busy machine takes its time over the rules of accessibility.
    testTimeout: 60_000,
    testMatch: ['**/__tests__/**/*.test.js'],
};
