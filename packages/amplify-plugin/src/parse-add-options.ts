import {
  DiscoveryError,
  findFieldFault,
  parseDiscoveryConfig,
  parseTrustedKeys,
  type EndpointField,
} from '@amplify-discovery/core';
import type { CommandOptions } from './amplify-context.ts';
import type { Registration, RegistryAuth, RegistryReference, SnapshotReference } from './discovery-plan.ts';

/** What `amplify discovery add` was asked on the command line. */
export interface AddRequest {
  /** API as the project calls it → service name. Empty: to be asked. */
  readonly apis: Readonly<Record<string, string>>;
  readonly endpoint: Omit<Registration, 'service' | 'api'>;
  /** Absent: the one that the project has. */
  readonly registry?: RegistryReference;
  /** Absent: as it is. */
  readonly snapshot?: SnapshotReference | 'none';
  readonly stages: Readonly<Record<string, string>>;
  /** Absent: as they are. */
  readonly trustedHosts?: readonly string[];
  /** Absent: as it is. */
  readonly strictHosts?: boolean;
  /** Absent: as it is. */
  readonly live?: boolean;
  /** The name of the custom category. Absent: the one that the project has, or `discovery`. */
  readonly categoryName?: string;
  readonly yes: boolean;
}

const registryAuths = ['apiKey', 'iam', 'userPool'];

/** The flags that set a field of the record. What may stand in it is core's to say. */
const fieldFlags: Readonly<Record<string, EndpointField>> = {
  id: 'id',
  kind: 'kind',
  'signing-service': 'signingService',
  'auth-mode': 'authMode',
  'service-version': 'version',
  tenant: 'tenant',
  priority: 'priority',
  weight: 'weight',
  public: 'public',
  metadata: 'metadata',
};

/** The other flags, with the pattern that the value has. */
const flags: Readonly<Record<string, RegExp>> = {
  api: /^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/,
  renew: /^(true|false)$/,
  takeover: /^true$/,
  registry: /^[\w.-]{1,64}$/,
  'registrar-alias': /^[\w-]{1,128}$/,
  registrar: /^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}(:[\w-]+)?$/,
  'registry-url': /^https:\/\/[^\s?#@]+\/graphql$/,
  'registry-auth': new RegExp(`^(${registryAuths.join('|')})$`),
  'api-key': /^[\w-]{1,128}$/,
  snapshot: /^(true|false)$/,
  'snapshot-url': /^(https:\/\/[^\s?#@/{}]+\/|\/(?!\/))[^\s?#@{}]*\{stage\}[^\s?#@{}]*$/,
  'snapshot-keys': /^\[[\s\S]{0,2000}\]$/,
  stage: /^[a-z0-9]{2,10}=[^=,]+(,[a-z0-9]{2,10}=[^=,]+)*$/,
  trust: /^[\w.*:[\]-]+(,[\w.*:[\]-]+)*$/,
  'strict-hosts': /^(true|false)$/,
  live: /^(true|false)$/,
  name: /^[A-Za-z][A-Za-z0-9]{0,63}$/,
  yes: /^(true|false)$/,
};

/** Flags that the Amplify CLI takes for itself. */
const cliFlags = ['debug', 'help'];

/**
 * The request in the flags.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the flag, for one that is unknown or malformed.
 */
export function parseAddOptions(options: CommandOptions): AddRequest {
  for (const [flag, value] of Object.entries(options)) {
    if (cliFlags.includes(flag)) continue;
    const field = Object.hasOwn(fieldFlags, flag) ? fieldFlags[flag] : undefined;
    if (field !== undefined) {
      const fault = findFieldFault(field, readField(field, String(value)));
      if (fault !== undefined) throw invalid(`--${flag} ${fault}`);
      continue;
    }
    const pattern = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
    if (pattern === undefined) throw invalid(`There is no flag --${flag}: see amplify discovery help`);
    if (!pattern.test(String(value)))
      throw invalid(`--${flag} cannot be ${JSON.stringify(value)}: see amplify discovery help`);
  }
  const text = (flag: string) => (options[flag] === undefined ? undefined : String(options[flag]));
  const apis = parsePairs(text('api'), '--api');
  for (const service of Object.values(apis)) {
    const fault = findFieldFault('service', service);
    if (fault !== undefined) throw invalid(`--api: the name of a service ${fault}`);
  }
  const stages = parsePairs(text('stage'), '--stage');
  for (const stage of Object.values(stages)) {
    const fault = findFieldFault('stage', stage);
    if (fault !== undefined) throw invalid(`--stage: a stage ${fault}`);
  }
  const registry = parseRegistry(text);
  const snapshot = parseSnapshot(text);
  const trustedHosts = text('trust')?.split(',');
  checkForApp({ registry, snapshot, trustedHosts });
  return {
    apis,
    endpoint: {
      id: 'default',
      ...readFields(options),
      ...defined('renew', options.renew === undefined ? undefined : text('renew') === 'true'),
      ...defined('takeover', options.takeover === undefined ? undefined : true),
    },
    ...defined('registry', registry),
    ...defined('snapshot', snapshot),
    stages,
    ...defined('trustedHosts', trustedHosts),
    ...defined('strictHosts', options['strict-hosts'] === undefined ? undefined : text('strict-hosts') === 'true'),
    ...defined('live', options.live === undefined ? undefined : text('live') === 'true'),
    ...defined('categoryName', text('name')),
    yes: String(options.yes) === 'true',
  };
}

function readFields(options: CommandOptions): Omit<Registration, 'service' | 'api' | 'id'> {
  return Object.fromEntries(
    Object.entries(fieldFlags)
      .filter(([flag]) => options[flag] !== undefined)
      .map(([flag, field]) => [field, readField(field, String(options[flag]))]),
  );
}

/** The value that the text of a flag stands for; the text itself where it stands for none. */
function readField(field: EndpointField, text: string): unknown {
  if (field === 'metadata')
    return /^[\w.-]+=[^=,]*(,[\w.-]+=[^=,]*)*$/.test(text) ? parsePairs(text, '--metadata') : text;
  if (field === 'public') return text === 'true' || text === 'false' ? text === 'true' : text;
  if (field === 'weight' || field === 'priority') return /^\d+$/.test(text) ? Number(text) : text;
  return text;
}

function parseRegistry(text: (flag: string) => string | undefined): RegistryReference | undefined {
  const auth = (text('registry-auth') ?? 'apiKey') as RegistryAuth;
  const name = text('registry');
  const alias = text('registrar-alias');
  const registrarArn = text('registrar');
  const url = text('registry-url');
  const apiKey = text('api-key');
  if (name !== undefined && registrarArn !== undefined) throw invalid('Give --registry or --registrar, not both');
  if (alias !== undefined && name === undefined) throw invalid('--registrar-alias needs --registry');
  if (registrarArn === undefined) {
    if (url !== undefined || apiKey !== undefined) throw invalid('--registry-url and --api-key belong to --registrar');
    if (name === undefined && text('registry-auth') !== undefined)
      throw invalid('--registry-auth needs --registry or --registrar');
    return name === undefined ? undefined : { by: 'name', name, ...defined('alias', alias), auth };
  }
  if (url === undefined) throw invalid('--registrar needs --registry-url too: the app reads there');
  if ((auth === 'apiKey') !== (apiKey !== undefined))
    throw invalid('--api-key and --registry-auth apiKey belong together');
  return { by: 'values', registrarArn, url, auth, ...defined('apiKey', apiKey) };
}

function parseSnapshot(text: (flag: string) => string | undefined): SnapshotReference | 'none' | undefined {
  const isWanted = text('snapshot');
  const url = text('snapshot-url');
  const keys = text('snapshot-keys');
  if (keys !== undefined && url === undefined) throw invalid('--snapshot-keys needs --snapshot-url');
  if (url === undefined) return isWanted === undefined ? undefined : isWanted === 'true' ? { by: 'name' } : 'none';
  if (isWanted === 'false') throw invalid('Give --snapshot false or --snapshot-url, not both');
  if (keys === undefined) throw invalid("--snapshot-url needs --snapshot-keys: '[]' for unsigned snapshots");
  return { by: 'values', url, keys: JSON.stringify(keys === '[]' ? [] : parseTrustedKeys(keys, '--snapshot-keys')) };
}

/** What the flags give the app is judged by the app's own reader. */
function checkForApp({
  registry,
  snapshot,
  trustedHosts,
}: {
  readonly [name in 'registry' | 'snapshot' | 'trustedHosts']: AddRequest[name] | undefined;
}): void {
  const { url, auth, apiKey } = registry?.by === 'values' ? registry : {};
  parseDiscoveryConfig(
    {
      // The region is the project's.
      ...(url !== undefined && { registry: { url, region: 'eu-west-1', auth: { mode: auth, apiKey } } }),
      ...(typeof snapshot === 'object' && snapshot.by === 'values' && { snapshot: { url: snapshot.url } }),
      trustedHosts,
    },
    'what the app would read',
  );
}

function parsePairs(text: string | undefined, flag: string): Record<string, string> {
  const pairs = (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((pair) => pair.split('=', 2) as [string, string]);
  const names = pairs.map(([name]) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalid(`${flag} names "${repeated}" twice`);
  return Object.fromEntries(pairs);
}

function defined<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function invalid(message: string): DiscoveryError {
  return new DiscoveryError('InvalidOptions', message);
}
