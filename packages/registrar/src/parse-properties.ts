import {
  DiscoveryError,
  findNearNames,
  isDiscoveryError,
  isName,
  parseEndpoint,
  type EndpointKind,
} from '@amplify-discovery/core';
import type { RegisterEndpointInput } from '@amplify-discovery/registry/operations';
import { describeTarget } from '@amplify-discovery/aws';
import type { EndpointKey } from './physical-resource-id.ts';

/** What the properties of a `Custom::ServiceEndpoint` ask for; the owner is not theirs to name. */
export type Registration = Omit<RegisterEndpointInput, 'owner' | 'requestId' | 'token'> & EndpointKey;

type Properties = Readonly<Record<string, unknown>>;

const name = '1 to 128 of A-Z a-z 0-9 . _ - and must not start with a dot';

/** What to write into each property, in the order in which faults are told. */
const advice = {
  Service: name,
  Stage: name,
  Id: name,
  Kind: 'rest, http, graphql, events, websocket, function or resource',
  Target:
    'an absolute https:// URL without user info, query or hash (wss:// for Kind websocket or events; an ARN for Kind function or resource)',
  Region: 'a region such as eu-west-1',
  SigningService: 'the name that SigV4 signs with, such as execute-api',
  AuthMode: 'none, apiKey, iam, userPool, oidc or lambda',
  Version: 'a semantic version such as 1.4.2',
  Tenant: name,
  Priority: 'a whole number from 0 to 65535',
  Weight: 'a whole number from 0 to 1000',
  Public: 'true or false',
  Metadata: 'a map of text to text, or its JSON',
  ExpiresAt: 'a time in ISO 8601 with Z or an offset, such as 2027-01-31T12:00:00Z',
} as const;

type PropertyName = keyof typeof advice;
const endpointProperties = Object.keys(advice) as PropertyName[];
const otherProperties = ['GraphqlApiId', 'Takeover'];
/** CloudFormation's own, which it sends along. */
const reservedProperties = ['ServiceToken', 'ServiceTimeout'];

/**
 * The registration that the properties ask for. CloudFormation sends numbers and booleans as text; empty text counts as
 * absent. `Kind`, `Region` and `SigningService` follow from the target where they are not given; `stackRegion` stands in
 * for a region that the target doesn't tell.
 *
 * @throws DiscoveryError `InvalidRecord`, telling all faults and what to write instead.
 */
export function parseProperties(properties: Properties, stackRegion: string | undefined): Registration {
  const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value != null && value !== ''));
  const record = readRecord(given, stackRegion);
  const faults = [
    ...findUnknown(given),
    ...findMissing(given),
    ...findMalformed(given, record),
    ...findBadTakeover(given),
  ];
  if (faults.length > 0) throw new DiscoveryError('InvalidRecord', `${faults.join('. ')}.`, describe(properties));
  const { expiresAt, priority, public: isPublic, ...endpoint } = parseEndpoint(record, toText(record.stage));
  return {
    ...endpoint,
    // What is not said is for the registry to decide, and older ones don't know it.
    ...(record.priority !== undefined && { priority }),
    ...(record.public !== undefined && { public: isPublic }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    takeover: toText(given.Takeover) === 'true',
  };
}

/** The key that the properties name, or undefined where they don't name one. */
export function findPropertiesKey({ Stage, Service, Id }: Properties): EndpointKey | undefined {
  const id = Id == null || Id === '' ? 'default' : Id;
  return isName(Stage) && isName(Service) && isName(id) ? { stage: Stage, service: Service, id } : undefined;
}

function readRecord(given: Properties, stackRegion: string | undefined): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const property of endpointProperties) {
    const value = given[property];
    if (value !== undefined) record[toField(property)] = readValue(property, value);
  }
  const described = describeTarget(toText(record.target), record.kind as EndpointKind | undefined);
  const region = described.region ?? stackRegion;
  return { ...described, ...(region !== undefined && { region }), ...record };
}

function readValue(property: PropertyName, value: unknown): unknown {
  if (property === 'Weight' || property === 'Priority') {
    return /^\d{1,5}$/.test(toText(value)) ? Number(value) : value;
  }
  if (property === 'Public') return /^(true|false)$/.test(toText(value)) ? toText(value) === 'true' : value;
  if (property === 'Metadata') return readMetadata(value);
  if (property === 'ExpiresAt') return isTime(value) ? value : {};
  return typeof value === 'number' ? String(value) : value;
}

function readMetadata(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const isScalar = (entry: unknown) => typeof entry === 'number' || typeof entry === 'boolean';
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, isScalar(entry) ? String(entry) : entry]),
  );
}

function isTime(value: unknown): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(toText(value)) && !Number.isNaN(Date.parse(toText(value)));
}

function findUnknown(given: Properties): string[] {
  const known = [...endpointProperties, ...otherProperties];
  return Object.keys(given)
    .filter((property) => !known.includes(property) && !reservedProperties.includes(property))
    .map((property) => {
      const near = findNearNames(property, known);
      const meant = near.length > 0 ? `perhaps ${near.join(' or ')} was meant` : `there are ${known.join(', ')}`;
      return `There is no property ${JSON.stringify(property)}: ${meant}`;
    });
}

function findMissing(given: Properties): string[] {
  const missing = ['Service', 'Stage'].filter((property) => given[property] === undefined);
  if (given.Target === undefined && given.GraphqlApiId === undefined) missing.push('Target or GraphqlApiId');
  const faults = missing.map((property) => `${property} is missing`);
  if (given.Target !== undefined && given.GraphqlApiId !== undefined)
    faults.push('Give Target or GraphqlApiId, not both');
  return faults;
}

function findMalformed(given: Properties, record: Readonly<Record<string, unknown>>): string[] {
  return endpointProperties
    .filter((property) => given[property] !== undefined && !isWellFormed(property, record))
    .map((property) => `${property} must be ${advice[property]}: it is ${shorten(given[property])}`);
}

/** core knows what a field may be; here each is tried alone, so that all faults can be told at once. */
function isWellFormed(property: PropertyName, record: Readonly<Record<string, unknown>>): boolean {
  const field = toField(property);
  if (property === 'Stage') return isName(record.stage);
  const sample = { service: 'sample', target: 'https://sample.example', [field]: record[field] };
  if (property === 'Target' && isWellFormed('Kind', record)) sample.kind = record.kind;
  if (property === 'Kind' && (record.kind === 'function' || record.kind === 'resource'))
    sample.target = 'arn:aws:sample:::sample';
  try {
    parseEndpoint(sample, 'sample');
    return true;
  } catch (error) {
    if (isDiscoveryError(error)) return false;
    throw error;
  }
}

function findBadTakeover({ Takeover }: Properties): string[] {
  return Takeover === undefined || ['true', 'false'].includes(toText(Takeover))
    ? []
    : [`Takeover must be true or false: it is ${shorten(Takeover)}`];
}

/** The text of text, numbers and booleans; other values have none. An object's own `toString` is never called. */
function toText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

function toField(property: PropertyName): string {
  return property.charAt(0).toLowerCase() + property.slice(1);
}

function describe({ Service, Stage }: Properties): { service?: string; stage?: string } {
  return { ...(isName(Service) && { service: Service }), ...(isName(Stage) && { stage: Stage }) };
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
