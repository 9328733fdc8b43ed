// Runs Salesforce Code Analyzer over a folder of sources and prints what it finds as JSON:
//   node analyzer.mjs <selector>...
// {violations: [{file, line, severity, engine, rule, message}]}
// Reads {root, home, configuration, engines} from its input: the project's folder, code-analyzer.yml and its folder,
// the packages of engines that run.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const { CodeAnalyzer, CodeAnalyzerConfig } = require('@salesforce/code-analyzer-core');

const plugin = (name) => {
    const path = `@salesforce/code-analyzer-${name}-engine`;
    // The flow engine brings an older engine API, whose engines cannot stop listening; the core asks them to.
    const api = createRequire(require.resolve(path))('@salesforce/code-analyzer-engine-api');
    api.Engine.prototype.removeEventListener ??= () => {};
    return require(path).createEnginePlugin();
};

const selectors = process.argv.slice(2);
const { root, home, configuration, engines } = JSON.parse(readFileSync(0, 'utf8'));
const analyzer = new CodeAnalyzer(CodeAnalyzerConfig.fromObject(configuration, home));
for (const name of engines) {
    await analyzer.addEnginePlugin(plugin(name));
}
// With a file beside it, the workspace begins where the paths of the configuration do: at the project's folder.
const workspace = await analyzer.createWorkspace([join(root, 'force-app'), join(root, 'sfdx-project.json')]);
const rules = await analyzer.selectRules(selectors, { workspace });
const results = await analyzer.run(rules, { workspace });

const violations = results.getViolations().map((found) => {
    const place = found.getPrimaryLocation();
    return {
        file: place.getFile() ?? null,
        line: place.getStartLine() ?? 0,
        severity: found.getRule().getSeverityLevel(),
        engine: found.getRule().getEngineName(),
        rule: found.getRule().getName(),
        message: found.getMessage()
    };
});
process.stdout.write(JSON.stringify({ violations }));
