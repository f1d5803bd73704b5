import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { packPackage } from './pack-package.js';

/**
 * Synthesises Amplify Gen 2 projects with the real @aws-amplify/backend and the packed packages, offline, and looks at
 * what `amplify_outputs.json` is made from. Needs `npm run build`. What Gen 2 installs is kept in a cache folder outside
 * the repository.
 */
const here = fileURLToPath(new URL('../packages/cdk/gen2/', import.meta.url));
const repository = fileURLToPath(new URL('../', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'amplify-discovery', 'gen2');
const ours = [
  'core',
  'aws',
  'registry',
  'registrar',
  'snapshots',
  'publisher',
  'lambda',
  'router',
  'bridges',
  'console',
  'cdk',
];
/** What apps of a backend that creates its registry read first. */
const published = {
  url: 'https://<discovery.RegistrySnapshotsDistribution.DomainName>/{stage}.public.json',
  trustedKeys: [{ kid: publication('Kid0'), kty: 'EC', crv: 'P-256', x: publication('X0'), y: publication('Y0') }],
};

let passed = 0;
let failed = 0;

installGen2();
installOurs();
checkTypes();
checkRegistryProject();
checkApp();
checkSandbox();
checkStandalone();
checkPipeline();
checkJoining();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** What `defineBackend` gives fits what discovery asks for, and so do all APIs. */
function checkTypes() {
  const project = mkdtempSync(join(cache, 'types-'));
  const sources = {
    registry: join(repository, 'amplify-backend/gen2/amplify'),
    app: join(here, 'app'),
    joining: join(here, 'joining'),
  };
  for (const [name, source] of Object.entries(sources)) cpSync(source, join(project, name), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  const files = Object.keys(sources).map((name) => join(project, name, 'backend.ts'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext'];
  const modules = ['--moduleResolution', 'bundler', '--allowImportingTsExtensions', '--types', 'node'];
  const nodeTypes = ['--typeRoots', join(repository, 'node_modules/@types')];
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const args = [tsc, ...options, ...modules, ...nodeTypes, ...files];
  const compile = () => execFileSync(process.execPath, args, { cwd: project, stdio: 'pipe' });
  check('the projects compile against the types of Gen 2', outputOf(compile), '');
  rmSync(project, { recursive: true });
}

function outputOf(act) {
  try {
    return String(act());
  } catch (error) {
    return String(error.stdout || error.stderr || error);
  }
}

function publication(attribute) {
  return `<discovery.RegistrySnapshotsPublication.${attribute}>`;
}

function checkRegistryProject() {
  const { outputs, templates } = synthesise(join(repository, 'amplify-backend/gen2/amplify'), 'main');
  check('the outputs of the registry project say where it is, and how to read it', outputs?.custom, {
    discovery: {
      snapshot: published,
      registry: {
        url: '<discovery.RegistryApi.GraphQLUrl>',
        region: '<AWS::Region>',
        auth: { mode: 'apiKey', apiKey: '<discovery.RegistryApiDefaultApiKey.ApiKey>' },
      },
      stage: 'main',
    },
  });
  const names = resourcesOf(templates.discovery, 'AWS::SSM::Parameter').map(({ Properties }) => Properties.Name);
  const parts = ['api-arn', 'api-key', 'full-snapshot-url', 'service-token', 'snapshot-keys', 'snapshot-url', 'url'];
  check(
    'the registry of main is found as default',
    names.sort(),
    parts.map((part) => `/amplify-discovery/default/${part}`),
  );
  const [table] = resourcesOf(templates.discovery, 'AWS::DynamoDB::Table');
  check('a branch keeps its table', table.DeletionPolicy, 'Retain');
  const functions = resourcesOf(templates.discovery, 'AWS::Lambda::Function');
  check(
    'its functions run on a current runtime',
    [...new Set(functions.map(({ Properties }) => Properties.Runtime))],
    ['nodejs24.x'],
  );
}

function checkApp() {
  const { outputs, templates } = synthesise(join(here, 'app'), 'feature/login');
  check(
    'the outputs of an app have registry, stage, hosts and snapshots with their key, beside its own',
    outputs?.custom,
    {
      discovery: {
        registry: { url: '<discovery.RegistryApi.GraphQLUrl>', region: '<AWS::Region>', auth: { mode: 'iam' } },
        stage: ['feature-login', 'dev'],
        trustedHosts: [
          '*.partner.example',
          '<apis.Users>.execute-api.<AWS::Region>.<AWS::URLSuffix>',
          '<apis.Orders>.execute-api.<AWS::Region>.<AWS::URLSuffix>',
          'search.example.com',
          'aws',
        ],
        snapshot: published,
      },
      mine: 'stays',
    },
  );
  const endpoints = resourcesOf(templates.discoveryendpoints, 'Custom::ServiceEndpoint');
  const registered = endpoints.map(({ Properties: { Service, Stage, Kind, AuthMode, Version, Public } }) => ({
    Service,
    Stage,
    Kind,
    AuthMode,
    Version,
    Public,
  }));
  const none = { Kind: undefined, AuthMode: undefined, Version: undefined, Public: true };
  const Stage = 'feature-login';
  check('its APIs are registered as public, in the stage that the branch is', registered, [
    { ...none, Service: 'user-management-service', Stage, Kind: 'rest' },
    { ...none, Service: 'orders', Stage, Kind: 'http', AuthMode: 'userPool', Version: '1.4.2' },
    { ...none, Service: 'search', Stage },
  ]);
  const [policy] = resourcesOf(templates.discoveryendpoints, 'AWS::IAM::Policy');
  const fields = JSON.stringify(policy.Properties.PolicyDocument).match(/\w+\/fields\/\w+/g);
  check(
    'signed-in users and guests may read',
    [policy.Properties.Roles.length, fields],
    [2, registryDefinition.readFields],
  );
  const publications = resourcesOf(templates.discovery, 'Custom::SnapshotPublication');
  check('its snapshots are published by the deployment', publications.length, 1);
  checkConsole(templates);
}

/** Whoever signs in with the app's own user pool. */
function checkConsole({ discovery, discoveryconsole: console }) {
  const [client] = resourcesOf(console, 'AWS::Cognito::UserPoolClient');
  const [group] = resourcesOf(console, 'AWS::Cognito::UserPoolGroup');
  const [api] = resourcesOf(discovery, 'AWS::AppSync::GraphQLApi');
  const readers = api.Properties.AdditionalAuthenticationProviders.map(({ AuthenticationType }) => AuthenticationType);
  check(
    'its console is behind CloudFront, for users of the pool that the registry lets read',
    [resourcesOf(console, 'AWS::CloudFront::Distribution').length, client.Properties.AllowedOAuthFlows, readers],
    [1, ['code'], ['AMAZON_COGNITO_USER_POOLS']],
  );
  check('its operators are a group', group.Properties.GroupName, 'discovery-operators');
  const [files] = resourcesOf(console, 'Custom::CDKBucketDeployment');
  check('its history is read by a function', resourcesOf(console, 'AWS::Lambda::Url').length, 1);
  check('the page and its settings come with the deployment', files.Properties.SourceObjectKeys.length, 2);
}

function checkSandbox() {
  const { outputs, templates } = synthesise(join(here, 'app'), 'sandbox-of-ada', 'sandbox');
  check('a sandbox is a stage', outputs?.custom.discovery.stage, ['sandbox-of-ada', 'dev']);
  const [table] = resourcesOf(templates.discovery, 'AWS::DynamoDB::Table');
  check('a sandbox takes its table along', table.DeletionPolicy, 'Delete');
}

/** `ampx deploy` calls every backend `backend`, and has the identifier as its namespace. */
function checkStandalone() {
  const { outputs } = synthesise(join(here, 'app'), 'backend', 'standalone', { namespace: 'shop-prod' });
  check('the identifier of ampx deploy is a stage', outputs?.custom.discovery.stage, ['shop-prod', 'dev']);
}

function checkPipeline() {
  const { outputs } = synthesise(join(here, 'app'), 'beta', 'standalone', { pipeline: true });
  check('a stage of definePipeline is a stage', outputs?.custom.discovery.stage, ['beta', 'dev']);
}

function checkJoining() {
  const { outputs, templates } = synthesise(join(here, 'joining'), 'main');
  const { url, auth } = outputs?.custom.discovery.registry ?? {};
  const isLookedUp = (value) => /^<SsmParameterValue.*>$/.test(value);
  check(
    'a backend joins a registry by name',
    [isLookedUp(url), auth?.mode, isLookedUp(auth?.apiKey)],
    [true, 'apiKey', true],
  );
  const { snapshot } = outputs?.custom.discovery ?? {};
  check(
    'its app has the snapshots of that registry, with their keys as a list and not as text',
    [isLookedUp(snapshot?.url), snapshot?.trustedKeys?.length, isLookedUp(snapshot?.trustedKeys?.[0])],
    [true, 1, true],
  );
  check(
    'a backend that joins makes no registry',
    Object.keys(templates).filter((name) => name === 'discovery'),
    [],
  );
  const [endpoint] = resourcesOf(templates.discoveryendpoints, 'Custom::ServiceEndpoint');
  check(
    'it registers with the token of its scope',
    JSON.stringify(endpoint.Properties.ServiceToken).includes(':team-shop'),
    true,
  );
}

function check(name, found, expected) {
  const isRight = isDeepStrictEqual(found, expected);
  if (isRight) passed += 1;
  else failed += 1;
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}`);
  if (!isRight) console.log(`     found    ${JSON.stringify(found)}\n     expected ${JSON.stringify(expected)}`);
}

function resourcesOf(template, type) {
  return Object.values(template?.Resources ?? {}).filter(({ Type }) => Type === type);
}

/** What Gen 2 installs, by its own lock; once for each content of it. */
function installGen2() {
  mkdirSync(cache, { recursive: true });
  const lock = readFileSync(join(here, 'package-lock.json'));
  const stamp = join(cache, 'installed');
  const digest = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(here, file), join(cache, file));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: cache,
    stdio: 'inherit',
  });
  writeFileSync(stamp, digest);
}

/** Our packages as they are published, beside the peers that an app has. */
function installOurs() {
  const tarballs = mkdtempSync(join(tmpdir(), 'gen2-'));
  for (const name of ours) {
    const folder = join(cache, 'node_modules/@amplify-discovery', name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const tarball = packPackage(join(repository, 'packages', name), tarballs);
    execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  }
  rmSync(tarballs, { recursive: true });
}

/** Runs the project's backend as `ampx` or a pipeline does, without AWS, and reads what came out. */
function synthesise(source, branch, type = 'branch', { namespace = 'd123abc', pipeline = false } = {}) {
  const project = mkdtempSync(join(cache, 'project-'));
  const outdir = join(project, 'cdk.out');
  try {
    cpSync(source, join(project, 'amplify'), { recursive: true });
    compile(join(project, 'amplify'));
    const context = {
      'amplify-backend-name': branch,
      'amplify-backend-namespace': namespace,
      'amplify-backend-type': type,
    };
    if (pipeline) cpSync(join(here, 'pipeline.mjs'), join(project, 'pipeline.mjs'));
    execFileSync(process.execPath, [pipeline ? 'pipeline.mjs' : 'amplify/backend.js'], {
      cwd: project,
      env: {
        ...process.env,
        CDK_OUTDIR: outdir,
        ...(pipeline ? { AMPLIFY_STAGE_NAME: branch } : { CDK_CONTEXT_JSON: JSON.stringify(context) }),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return readAssembly(pipeline ? join(outdir, 'assembly-Stage') : outdir);
  } catch (error) {
    check(`${branch} synthesises`, String(error.stderr ?? error), '');
    return { templates: {} };
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

function compile(folder) {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const { code } = transformSync(readFileSync(join(folder, file), 'utf8'), { loader: 'ts', format: 'esm' });
    writeFileSync(
      join(folder, file.replace(/\.ts$/, '.js')),
      code.replaceAll(/(from '\.[^']*|from "\.[^"]*)\.ts(['"])/g, '$1.js$2'),
    );
  }
}

/** The templates by the names of their nested stacks, and the custom outputs with what is not known yet as `<stack.…>`. */
function readAssembly(outdir) {
  const files = readdirSync(outdir).filter((name) => name.endsWith('.template.json'));
  const read = (file) => JSON.parse(readFileSync(join(outdir, file), 'utf8'));
  const root = read(files.find((name) => !name.endsWith('.nested.template.json')));
  const nested = Object.keys(root.Resources).filter((id) => root.Resources[id].Type === 'AWS::CloudFormation::Stack');
  const names = nested.map((id) => /^(.+?)(?:NestedStack.*)?[0-9A-F]{8}$/.exec(id)[1]);
  const fileOf = (name) => files.find((file) => new RegExp(`${name}[0-9A-F]{8}\\.nested\\.`).test(file));
  const templates = Object.fromEntries(names.map((name) => [name, read(fileOf(name))]));
  const { stackOutputs } = root.Metadata['AWS::Amplify::Custom'] ?? { stackOutputs: [] };
  if (!stackOutputs.includes('customOutputs')) return { templates };
  // What stands without quotation marks is a list that only the deployment knows.
  const text = describe(root.Outputs.customOutputs.Value, templates).replaceAll(/":(<[^>]+>)/g, '":["$1"]');
  return { templates, outputs: JSON.parse(text) };
}

/** The text with a placeholder for each value that only a deployment knows. */
function describe(value, templates, stack = '') {
  if (typeof value === 'string') return value;
  if (value['Fn::Join'])
    return value['Fn::Join'][1].map((part) => describe(part, templates, stack)).join(value['Fn::Join'][0]);
  const [name, attribute = 'Ref'] = value['Fn::GetAtt'] ?? [value.Ref];
  if (name.startsWith('AWS::')) return `<${name}>`;
  if (!attribute.startsWith('Outputs.'))
    return `<${stack}${name.replace(/[0-9A-F]{8}$/, '')}.${attribute}>`.replace('.Ref>', '>');
  const nested = Object.entries(templates).find(
    ([, { Outputs = {} }]) => attribute.slice('Outputs.'.length) in Outputs,
  );
  return describe(nested[1].Outputs[attribute.slice('Outputs.'.length)].Value, templates, `${nested[0]}.`);
}
