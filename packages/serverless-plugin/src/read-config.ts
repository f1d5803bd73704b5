import {
  DiscoveryError,
  isDiscoveryError,
  isName,
  parseEndpoint,
  parseTarget,
  type EndpointKind,
} from '@amplify-discovery/core';
import { readPredecessor } from './read-predecessor.ts';

/** Which part of the service answers; exactly one. A plain text or a CloudFormation value for `target`. */
export interface EndpointChoice {
  readonly restApi?: true;
  readonly httpApi?: true;
  readonly websocket?: true;
  /** The name of a function that has a URL. */
  readonly functionUrl?: string;
  /** The name of a function that is called by its ARN. */
  readonly function?: string;
  /** The logical id of an `AWS::AppSync::GraphQLApi`. */
  readonly graphqlApi?: string;
  readonly target?: unknown;
}

/** One endpoint to register. Without a choice: the one API that the service has. */
export interface EndpointConfig extends EndpointChoice {
  readonly service: string;
  readonly id: string;
  readonly kind?: string;
  readonly region?: unknown;
  readonly signingService?: string;
  readonly authMode?: string;
  readonly version?: string;
  readonly tenant?: string;
  readonly weight?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly expiresAt?: string;
  readonly takeover?: boolean;
}

/** How the registrar is found: by the name that its registry publishes itself under, or as an ARN or CloudFormation value. */
export type RegistrarReference =
  | { readonly by: 'name'; readonly name: string; readonly alias: string | undefined }
  | { readonly by: 'value'; readonly value: unknown };

/** `custom.discovery`, checked. */
export interface DiscoveryConfig {
  readonly registrar: RegistrarReference;
  readonly stage: string;
  readonly endpoints: readonly EndpointConfig[];
  /** What to change in the file, for people. */
  readonly advice: readonly string[];
}

/** The keys that say what answers. */
export const choices = ['restApi', 'httpApi', 'websocket', 'functionUrl', 'function', 'graphqlApi', 'target'] as const;

/** The keys that say how it is registered. */
export const settings = [
  'service',
  'id',
  'kind',
  'region',
  'signingService',
  'authMode',
  'version',
  'tenant',
  'weight',
  'metadata',
  'expiresAt',
  'takeover',
] as const;

const topLevel = [
  'registry',
  'registrar',
  'registrarAlias',
  'registryUrl',
  'registryApiKey',
  'stage',
  'endpoints',
  ...settings,
  ...choices,
];

type Values = Readonly<Record<string, unknown>>;

/**
 * `custom.discovery` of serverless.yml, with the service's name and stage where it names none. The keys of Ad Astra's
 * plugin are read where they mean the same.
 *
 * @throws DiscoveryError `InvalidOptions`, telling every fault and what to write instead.
 */
export function readConfig(
  custom: unknown,
  defaults: { readonly service: string; readonly stage: string },
): DiscoveryConfig {
  const { values, faults: oldFaults, advice } = readPredecessor(asValues(custom));
  const { endpoints: list, stage = defaults.stage } = values;
  const faults = [...oldFaults, ...findUnknown(values, topLevel, 'custom.discovery')];
  const shared = pick(values, settings);
  const entries = list === undefined ? [pick(values, choices)] : Array.isArray(list) ? list.map(asValues) : [];
  if (list !== undefined && (!Array.isArray(list) || list.length === 0))
    faults.push('endpoints must be a list with at least one entry');
  if (list !== undefined && choices.some((choice) => values[choice] !== undefined)) {
    faults.push(`${choices.find((choice) => values[choice] !== undefined) ?? ''} belongs into an entry of endpoints`);
  }
  if (!isName(stage)) faults.push(`stage must be 1 to 128 of A-Z a-z 0-9 . _ -: it is ${JSON.stringify(stage)}`);
  const endpoints = entries.map((entry, index) => {
    const where = list === undefined ? '' : `endpoints[${index}].`;
    const endpoint = { id: 'default', service: defaults.service, ...shared, ...entry } as EndpointConfig;
    if (list !== undefined) faults.push(...findUnknown(entry, [...settings, ...choices], `endpoints[${index}]`));
    faults.push(...findEndpointFaults(endpoint).map((fault) => `${where}${fault}`));
    return endpoint;
  });
  faults.push(...findDuplicates(endpoints));
  const registrar = readRegistrar(values, faults);
  if (faults.length > 0) throw new DiscoveryError('InvalidOptions', `custom.discovery: ${faults.join('. ')}.`);
  return { registrar, stage: stage as string, endpoints, advice };
}

function readRegistrar({ registry, registrar, registrarAlias }: Values, faults: string[]): RegistrarReference {
  const name = registry as string;
  if (registry !== undefined && registrar !== undefined) faults.push('give registry or registrar, not both');
  else if (registry === undefined && registrar === undefined) {
    faults.push(
      'registry is missing: the name that the registry was deployed with. Or give registrar, the ARN of its registrar function',
    );
  } else if (registry !== undefined && !/^[\w.-]{1,64}$/.test(String(registry)))
    faults.push('registry must be the name that the registry was deployed with');
  else if (
    typeof registrar === 'string' &&
    !/^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w-]+)?$/.test(registrar)
  ) {
    faults.push('registrar must be the ARN of a function, or a CloudFormation value such as Fn::ImportValue');
  }
  if (registrarAlias !== undefined && (registry === undefined || !/^[\w-]{1,128}$/.test(String(registrarAlias)))) {
    faults.push('registrarAlias must be the name of an alias, beside registry');
  }
  return registry === undefined
    ? { by: 'value', value: registrar }
    : { by: 'name', name, alias: registrarAlias as string | undefined };
}

function findEndpointFaults(endpoint: EndpointConfig): string[] {
  const chosen = choices.filter((choice) => endpoint[choice] !== undefined);
  const faults = chosen.length > 1 ? [`give one of ${chosen.join(', ')}`] : [];
  const { target, kind = guessKind(String(target)) } = endpoint;
  if (typeof target === 'string' && parseTarget(target, kind as EndpointKind) === undefined) {
    faults.push(`target must be an https URL without query, hash or user info: it is ${JSON.stringify(target)}`);
  }
  for (const field of settings) {
    const value = field === 'metadata' ? readMetadata(endpoint.metadata) : endpoint[field];
    const isDeployed = field === 'region' && typeof value === 'object';
    if (field === 'takeover' || value === undefined || isDeployed || isWellFormed(field, value)) continue;
    faults.push(`${field} is not well formed: it is ${JSON.stringify(endpoint[field])}`);
  }
  if (endpoint.takeover !== undefined && typeof endpoint.takeover !== 'boolean')
    faults.push('takeover must be true or false');
  return faults;
}

/** core knows what a field may be; here each is tried alone, so that all faults can be told at once. */
function isWellFormed(field: string, value: unknown): boolean {
  const isCalledByArn = field === 'kind' && (value === 'function' || value === 'resource');
  const target = isCalledByArn ? 'arn:aws:sample:::sample' : 'https://sample.example';
  try {
    parseEndpoint({ service: 'sample', target, [field]: value }, 'sample');
    return true;
  } catch (error) {
    if (isDiscoveryError(error)) return false;
    throw error;
  }
}

function guessKind(target: string): EndpointKind {
  if (target.startsWith('arn:')) return 'resource';
  return /^wss?:/.test(target) ? 'websocket' : 'rest';
}

/** Numbers and booleans of YAML count as text; CloudFormation values pass. */
function readMetadata(metadata: unknown): unknown {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return metadata;
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? '' : String(value),
    ]),
  );
}

function findDuplicates(endpoints: readonly EndpointConfig[]): string[] {
  const seen = new Set<string>();
  return endpoints.flatMap(({ service, id }) => {
    const key = `${service}/${id}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [`${key} is registered twice: give each endpoint of a service its own id`];
  });
}

function findUnknown(values: Values, known: readonly string[], where: string): string[] {
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => `${where} has no key ${JSON.stringify(key)}: there are ${known.join(', ')}`);
}

function pick(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
}

function asValues(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}
