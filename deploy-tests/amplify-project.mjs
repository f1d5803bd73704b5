import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProgram } from './run-program.mjs';

const account = {
  configLevel: 'project',
  useProfile: false,
  accessKeyId: 'test',
  secretAccessKey: 'test',
  region: 'us-east-1',
};
const providers = JSON.stringify({ awscloudformation: account });

/** The Amplify CLI with a home folder of its own, which knows this repository's plugin. */
export async function prepareAmplifyCli({ emulator, console, peers, folder }) {
  const home = join(folder, 'home');
  mkdirSync(join(home, '.amplify'), { recursive: true });
  const env = {
    ...emulator.env,
    HOME: home,
    USERPROFILE: home,
    AWS_AMPLIFY_ENDPOINT: console.url,
    CI: 'true',
    NODE_NO_WARNINGS: '1',
    // Projects that this repository's own test runs in are none of the CLI's.
    npm_config_update_notifier: 'false',
  };
  const program = join(peers.amplify, '@aws-amplify/cli-internal/bin/amplify');
  const logFile = join(folder, 'amplify.log');
  const amplify = async (cwd, args, { moreEnv, ...options } = {}) => {
    appendFileSync(logFile, `\n$ amplify ${args.join(' ')}   # in ${cwd}\n`);
    const result = await runProgram(process.execPath, [program, ...args], {
      cwd,
      env: { ...env, ...moreEnv },
      ...options,
    });
    appendFileSync(logFile, result.output);
    return result;
  };
  await amplify(home, ['--version']);
  const pluginsFile = join(home, '.amplify/plugins.json');
  const plugins = JSON.parse(readFileSync(pluginsFile, 'utf8'));
  writeFileSync(
    pluginsFile,
    JSON.stringify({ ...plugins, pluginDirectories: [...plugins.pluginDirectories, peers.amplify] }),
  );
  await amplify(home, ['plugin', 'scan']);
  await amplify(home, ['plugin', 'add', resolve('packages/amplify-plugin')], { mayFail: true });
  return amplify;
}

/** A copy of a project to run the CLI in. */
export function copyAmplifyProject(amplify, source, folder) {
  cpSync(source, folder, { recursive: true, filter: (file) => !file.includes('node_modules') });
  const packages = join(folder, '../node_modules');
  if (!existsSync(packages)) symlinkSync(resolve('node_modules'), packages);
  const backend = join(folder, 'amplify/backend');
  return {
    folder,
    run: (...args) => amplify(folder, args),
    tryToRun: (...args) => amplify(folder, args, { mayFail: true }),
    init: (projectName, envName) =>
      amplify(folder, [
        'init',
        '--amplify',
        JSON.stringify({ projectName, envName, defaultEditor: 'code' }),
        '--providers',
        providers,
        '--yes',
      ]),
    addEnvironment: (envName) =>
      amplify(folder, ['env', 'add', '--amplify', JSON.stringify({ envName }), '--providers', providers, '--yes']),
    push: () => amplify(folder, ['push', '--yes']),
    pushOneDayLater: () =>
      amplify(folder, ['push', '--yes'], {
        moreEnv: { NODE_OPTIONS: `--require ${JSON.stringify(resolve('deploy-tests/one-day-later.cjs'))}` },
      }),
    tryToPush: () => amplify(folder, ['push', '--yes'], { mayFail: true }),
    /** What an environment has of its own for a resource. */
    setParameters(envName, category, name, parameters) {
      const file = join(folder, 'amplify/team-provider-info.json');
      const info = JSON.parse(readFileSync(file, 'utf8'));
      info[envName].categories = { ...info[envName].categories, [category]: { [name]: parameters } };
      writeFileSync(file, JSON.stringify(info));
    },
    /** What it has in every environment. */
    writeParameters: (category, name, parameters) =>
      writeFileSync(join(backend, category, name, 'parameters.json'), JSON.stringify(parameters)),
    readMeta: () => JSON.parse(readFileSync(join(backend, 'amplify-meta.json'), 'utf8')),
  };
}
