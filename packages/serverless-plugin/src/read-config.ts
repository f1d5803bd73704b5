import { DiscoveryError, findFieldFault, findNearNames, showValue } from '@amplify-discovery/core';
import { isRegistryName } from '@amplify-discovery/registry';
import { choices, settings, type EndpointConfig } from './endpoint-config.ts';
import { findEndpointFaults } from './find-endpoint-faults.ts';
import { readPredecessor } from './read-predecessor.ts';

/** How the registrar is found: by the name under which its registry publishes itself, or as an ARN or CloudFormation value. */
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

const topLevel = [
  'registry',
  'registrar',
  'registrarAlias',
  'registryUrl',
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
 * @throws DiscoveryError `InvalidOptions`, with every fault and what to write instead.
 */
export function readConfig(
  custom: unknown,
  defaults: { readonly service: string; readonly stage: string },
): DiscoveryConfig {
  if (custom !== undefined && custom !== null && !isMap(custom))
    throw new DiscoveryError(
      'InvalidOptions',
      `custom.discovery must be a map of settings: it is ${showValue(custom)}`,
    );
  const { values, faults: oldFaults, advice } = readPredecessor(asValues(custom));
  const { endpoints: list, stage = defaults.stage } = values;
  const faults = [...oldFaults, ...findUnknown(values, topLevel, 'custom.discovery')];
  const shared = pick(values, settings);
  const entries = list === undefined ? [pick(values, choices)] : Array.isArray(list) ? list.map(asValues) : [];
  if (list !== undefined && (!Array.isArray(list) || list.length === 0))
    faults.push('endpoints must be a list with at least one entry');
  if (list !== undefined && choices.some((choice) => values[choice] !== undefined)) {
    faults.push(`${choices.find((choice) => values[choice] !== undefined) ?? ''} belongs in an entry of endpoints`);
  }
  const stageFault = findFieldFault('stage', stage);
  if (stageFault !== undefined) faults.push(`stage ${stageFault}`);
  if (Array.isArray(list)) {
    for (const [index, entry] of list.entries())
      if (!isMap(entry)) faults.push(`endpoints[${index}] must be a map of settings: it is ${showValue(entry)}`);
  }
  const endpoints = entries.map((entry, index) => {
    const where = list === undefined ? '' : `endpoints[${index}].`;
    const endpoint = readDate({ id: 'default', service: defaults.service, ...shared, ...entry });
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
  const name = (registry ?? 'default') as string;
  if (registry !== undefined && registrar !== undefined) faults.push('give registry or registrar, not both');
  else if (registrar === undefined && !isRegistryName(name))
    faults.push('registry must be the name that the registry was deployed with');
  else if (
    typeof registrar === 'string' &&
    !/^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w-]+)?$/.test(registrar)
  ) {
    faults.push('registrar must be the ARN of a function, or a CloudFormation value such as Fn::ImportValue');
  }
  if (registrarAlias !== undefined && (registrar !== undefined || !/^[\w-]{1,128}$/.test(String(registrarAlias)))) {
    faults.push('registrarAlias must be the name of an alias of the registrar that registry names');
  }
  return registrar === undefined
    ? { by: 'name', name, alias: registrarAlias as string | undefined }
    : { by: 'value', value: registrar };
}

/** YAML makes a date of a time that is not quoted. */
function readDate(endpoint: Values): EndpointConfig {
  const { expiresAt } = endpoint;
  return (expiresAt instanceof Date
    ? { ...endpoint, expiresAt: expiresAt.toISOString() }
    : endpoint) as unknown as EndpointConfig;
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
    .map((key) => {
      const near = findNearNames(key, known);
      const meant = near.length > 0 ? `perhaps ${near.join(' or ')} was meant` : `there are ${known.join(', ')}`;
      return `${where} has no key ${JSON.stringify(key)}: ${meant}`;
    });
}

function pick(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
}

/** A variable that resolves to nothing is null, and counts as not given. */
function asValues(value: unknown): Values {
  if (!isMap(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry != null));
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
