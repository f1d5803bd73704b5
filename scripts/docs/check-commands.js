import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listPackages } from '../list-packages.js';

const read = (path) => readFileSync(path, 'utf8');
const readJson = (path) => JSON.parse(read(path));

/**
 * How each command of the docs is tested: our own programs are asked for their help here, and what other programs do is run by a
 * stage of `.ci/run`, whose file has to name the command. A command that fits none is a fault: find out how, and add it here.
 */
const rules = [
  { pattern: /^npm ci$/, test: () => ranByStage('install', 'npm ci') },
  { pattern: /^npm start$/, test: () => ranByStage('npm start', 'npm run check:start') },
  { pattern: /^npm test$/, test: () => ranByStage('tests', 'npm test') },
  { pattern: /^npm run ([\w:-]+)$/, test: ([, script]) => findScriptFaults('.', script) },
  { pattern: /^npm install(?: --save-dev| -D)?((?: [\w@/.-]+)+)$/, test: ([, names]) => findInstallFaults(names) },
  { pattern: /^npx discovery (\w+)(.*)$/, test: ([, command, rest]) => findHelpFaults(command, rest) },
  {
    pattern: /^amplify discovery (\w+)(.*)$/,
    test: ([, command, rest]) => [
      ...findPluginHelpFaults(command, rest),
      ...runIn('deploy-tests/stages/amplify-gen1.mjs', ['discovery', command]),
    ],
  },
  {
    pattern: /^amplify (init|push|plugin add) ?.*$/,
    test: ([, words]) => runIn('deploy-tests/stages/amplify-gen1.mjs', words.split(' ')),
  },
  {
    pattern: /^(?:serverless|sls|osls) (\w+)/,
    test: ([, word]) => runIn('deploy-tests/stages/serverless.mjs', [word]),
  },
  { pattern: /^node deploy-tests\/(\S+\.mjs)/, test: ([, file]) => runIn('deploy-tests/run', [file]) },
  {
    pattern: /^aws (cloudformation|s3api|appsync|kms) ([\w-]+)(.*)$/,
    test: ([, service, operation, rest]) => findAwsFaults(service, operation, rest),
  },
  {
    pattern: /^consul (\w+)/,
    test: ([, word]) => runIn('packages/bridges/test/servers/consul-clients.test.ts', [word]),
  },
  // What the shell itself does.
  { pattern: /^export(?: \w+=\S*)+$/, test: () => [] },
  { pattern: /^cp -r (\S+) \S+$/, test: ([, source]) => (existsSync(source) ? [] : [`${source} is missing`]) },
  { pattern: /^cd \S+$/, test: () => [] },
  { pattern: /^curl \S+$/, test: () => [] },
  // Told as skipped.
  { pattern: /^npx ampx (sandbox|pipeline-deploy)\b/, skipped: 'Amplify deploys it, in an AWS account' },
  {
    pattern: /^npm install$/,
    skipped: 'needs the packages to be published',
    test: (_, path) => (existsSync(join(dirname(path), 'package.json')) ? [] : ['there is no package.json beside it']),
  },
];

/** The faults of a block of shell commands, and what of it no test runs. */
export function checkCommands({ code, path }) {
  const faults = [];
  const skipped = [];
  for (const command of splitCommands(code)) {
    const rule = rules.find(({ pattern }) => pattern.test(command));
    if (!rule) faults.push(`${command}: nobody says how this is tested, see scripts/docs/check-commands.js`);
    else {
      faults.push(...(rule.test?.(rule.pattern.exec(command), path) ?? []).map((fault) => `${command}: ${fault}`));
      if (rule.skipped) skipped.push(`${command}: ${rule.skipped}`);
    }
  }
  return { faults, skipped };
}

/** The simple commands of a block: comments, `&&` and `&` taken away, `$(…)` as a command of its own. */
export function splitCommands(code) {
  return code
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/\s*&&\s*/))
    .map((command) => command.replace(/\s*&$/, '').trim())
    .filter(Boolean)
    .flatMap((command) => {
      const inner = [...command.matchAll(/\$\(([^)]*)\)/g)].map((match) => match[1]);
      return [...inner, command.replace(/\$\([^)]*\)/g, '$()')];
    });
}

/** What `npm run …` in prose and tables names, where there is no such script. */
export function findProseFaults({ path, text }) {
  return [...text.matchAll(/`npm run ([\w:-]+)(?: (?:-w|--workspace) ([\w@/-]+))?[^`]*`/g)].flatMap(
    ([, script, workspace = '.']) =>
      findScriptFaults(workspace, script).map((fault) => `${path}: npm run ${script}: ${fault}`),
  );
}

function findScriptFaults(folder, script) {
  if (!existsSync(join(folder, 'package.json'))) return [`there is no ${folder}`];
  return script in (readJson(join(folder, 'package.json')).scripts ?? {}) ? [] : [`${folder} has no script ${script}`];
}

function ranByStage(name, command) {
  // Variables may stand before it.
  const isStage = read('.ci/run')
    .split('\n')
    .some((line) => line.replace(/^(\w+=\S+ )+/, '') === `stage '${name}' ${command}`);
  return isStage ? [] : [`.ci/run has no stage '${name}' that runs ${command}`];
}

/** Whether a file that a stage runs names each of the words. */
function runIn(path, words) {
  const text = existsSync(path) ? read(path) : '';
  return words.filter((word) => !text.includes(word)).map((word) => `${path} does not run ${word}`);
}

/** Names are packages of this workspace or ones that it has installed, so they exist. */
function findInstallFaults(names) {
  const ours = new Map(listPackages().map(({ manifest }) => [manifest.name, manifest]));
  const installed = readJson('package-lock.json').packages;
  return names
    .trim()
    .split(/\s+/)
    .map((name) => name.replace(/(?<=.)@.*$/, ''))
    .flatMap((name) => {
      if (ours.has(name)) return ours.get(name).private ? [`${name} is never published`] : [];
      return `node_modules/${name}` in installed ? [] : [`${name} is no package that this workspace knows`];
    });
}

function findHelpFaults(command, rest) {
  const main = 'packages/cli/dist/esm/main.js';
  if (!existsSync(main)) return ['packages/cli is not built: run npm run build'];
  try {
    const help = execFileSync(process.execPath, [main, command, '--help'], { encoding: 'utf8', stdio: 'pipe' });
    return findMissing(help, flagsOf(rest));
  } catch (error) {
    return [`${command} --help: ${error.stderr || error}`];
  }
}

/** The plugin of the Amplify CLI prints its help through the CLI's own printer. */
function findPluginHelpFaults(command, rest) {
  const main = 'packages/amplify-plugin/dist/cjs/run-help.js';
  if (!existsSync(main)) return ['packages/amplify-plugin is not built: run npm run build'];
  const code = `let text = '';
    const print = new Proxy({}, { get: () => (...words) => (text += words.flat(9).map((word) => JSON.stringify(word)).join(' ')) });
    require('./${main}').runHelp({ print });
    process.stdout.write(text);`;
  try {
    const help = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8', stdio: 'pipe' });
    return findMissing(help, [`amplify discovery ${command}`, ...flagsOf(rest)]);
  } catch (error) {
    return [`the help of the plugin: ${error.stderr || error}`];
  }
}

/** The AWS CLI is made from the same model as the SDK, so an operation and its members are those of the SDK's types. */
function findAwsFaults(service, operation, rest) {
  const models = `node_modules/@aws-sdk/client-${service.replace(/api$/, '')}/dist-types/models`;
  const types = readdirSync(models)
    .filter((name) => name.startsWith('models_'))
    .map((name) => read(join(models, name)))
    .join('\n');
  const pascal = (words) => words.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase());
  const [, members] = new RegExp(`interface ${pascal(operation)}(?:Input|Request) \\{([^]*?)\\n\\}`).exec(types) ?? [];
  if (members === undefined) return [`${service} has no operation ${operation}`];
  // The CLI's own.
  const flags = flagsOf(rest).filter((flag) => flag !== '--region');
  return flags
    .filter((flag) => !new RegExp(`\\n\\s+${pascal(flag.slice(2))}\\??:`, 'i').test(members))
    .map((flag) => `${operation} has no ${flag}`);
}

function flagsOf(text) {
  return [...text.matchAll(/(?<=\s)--[\w-]+/g)].map(([flag]) => flag);
}

function findMissing(help, words) {
  return words.filter((word) => !help.includes(word)).map((word) => `its help does not know ${word}`);
}
