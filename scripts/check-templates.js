import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { synthesiseTemplates } from '../packages/cdk/synthesise-templates.js';

/**
 * Runs CDK's own check and cfn-lint on templates of every construct, with all options, and cfn-lint on those of the Gen 1
 * project and of the docs. Needs `npm run build`, Python 3 and the Python package index, from which cfn-lint comes into a cache folder outside
 * the repository.
 */
const cfnLintVersion = '1.58.0';
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'amplify-discovery');
const venv = join(cache, `cfn-lint-${cfnLintVersion}`);
const outdir = mkdtempSync(join(tmpdir(), 'cdk-templates-'));

installCfnLint();
synthesiseTemplates(outdir);
const synthesised = readdirSync(outdir).filter((name) => name.endsWith('.template.json'));
// CDK writes a DependsOn for everything in a construct, also where a reference says the same (W3005). Amplify passes `env` to
// every template (W2001).
const templates = [
  ...synthesised.map((name) => ({ file: join(outdir, name), ignored: ['W3005'] })),
  { file: 'docs/bridge-container.template.json', ignored: ['W3005'] },
  ...listGen1Templates().map((file) => ({ file, ignored: ['W3005', 'W2001'] })),
];
let failed = 0;
for (const { file, ignored } of templates) failed += lint(file, ignored) ? 0 : 1;
rmSync(outdir, { recursive: true });
console.log(`${templates.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || templates.length === 0 ? 1 : 0;

function listGen1Templates() {
  const backend = 'amplify-backend/gen1/amplify/backend';
  return readdirSync(backend, { recursive: true })
    .filter((name) => name.endsWith('-cloudformation-template.json'))
    .map((name) => join(backend, name));
}

function installCfnLint() {
  if (existsSync(join(venv, 'bin/cfn-lint'))) return;
  mkdirSync(cache, { recursive: true });
  execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
  execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', `cfn-lint==${cfnLintVersion}`], { stdio: 'inherit' });
}

function lint(template, ignored) {
  try {
    const args = ['--ignore-checks', ...ignored, '--', template];
    execFileSync(join(venv, 'bin/cfn-lint'), args, { encoding: 'utf8', stdio: 'pipe' });
    console.log(`ok   ${basename(template)}`);
    return true;
  } catch (error) {
    console.log([`FAIL ${basename(template)}`, ...String(error.stdout || error).split('\n')].join('\n     '));
    return false;
  }
}
