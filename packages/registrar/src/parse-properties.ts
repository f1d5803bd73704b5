import { describeTarget } from '@amplify-discovery/aws';
import {
  DiscoveryError,
  fieldRules,
  findFieldFault,
  findNearNames,
  isName,
  parseEndpoint,
  showValue,
  type EndpointField,
  type EndpointKind,
} from '@amplify-discovery/core';
import type { RegisterEndpointInput } from '@amplify-discovery/registry/operations';
import type { EndpointKey } from './physical-resource-id.ts';

/** What the properties of a `Custom::ServiceEndpoint` ask for; the owner is not theirs to name. */
export type Registration = Omit<RegisterEndpointInput, 'owner' | 'requestId' | 'token'> & EndpointKey;

type Properties = Readonly<Record<string, unknown>>;

/** In the order in which faults are reported. */
const endpointProperties = (Object.keys(fieldRules) as EndpointField[]).map(toProperty);
/** `RenewedOn` says nothing: where it changes, CloudFormation sends an update, which renews what expires. */
const otherProperties = ['GraphqlApiId', 'Takeover', 'RenewedOn'];
/** CloudFormation's own, which it sends along. */
const reservedProperties = ['ServiceToken', 'ServiceTimeout'];

/**
 * The registration that the properties ask for. CloudFormation sends numbers and booleans as text; empty text counts as
 * absent. `Kind`, `Region` and `SigningService` follow from the target where they are not given; `stackRegion` stands in
 * for a region that the target doesn't name.
 *
 * @throws DiscoveryError `InvalidRecord`, with all faults and what to write instead.
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
    // Left out, the registry decides; and older registries don't have these fields.
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
    if (value !== undefined) record[toField(property)] = readValue(toField(property), value);
  }
  const described = describeTarget(toText(record.target), record.kind as EndpointKind | undefined);
  const region = described.region ?? stackRegion;
  return { ...described, ...(region !== undefined && { region }), ...record };
}

function readValue(field: EndpointField, value: unknown): unknown {
  const text = toText(value);
  if (field === 'weight' || field === 'priority') return /^\d{1,5}$/.test(text) ? Number(text) : value;
  if (field === 'public') return text === 'true' || text === 'false' ? text === 'true' : value;
  if (field === 'metadata') return readMetadata(value);
  return typeof value === 'number' ? String(value) : value;
}

function readMetadata(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const isScalar = (entry: unknown) => typeof entry === 'number' || typeof entry === 'boolean';
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, isScalar(entry) ? String(entry) : entry]),
  );
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
  const kind = findFieldFault('kind', record.kind) === undefined ? (record.kind as EndpointKind) : 'rest';
  const faults = endpointProperties
    .filter((property) => given[property] !== undefined)
    .flatMap((property) => {
      const fault = findFieldFault(toField(property), record[toField(property)], kind);
      return fault === undefined ? [] : [`${property} ${fault}`];
    });
  if (record.public === true && (kind === 'function' || kind === 'resource'))
    faults.push(`Public must be false where Kind is ${kind}: an ARN is for callers with credentials`);
  return faults;
}

function findBadTakeover({ Takeover }: Properties): string[] {
  return Takeover === undefined || ['true', 'false'].includes(toText(Takeover))
    ? []
    : [`Takeover must be true or false: it is ${showValue(Takeover)}`];
}

/** The text of text, numbers and booleans; other values have none. An object's own `toString` is never called. */
function toText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

function toField(property: string): EndpointField {
  return `${property.charAt(0).toLowerCase()}${property.slice(1)}` as EndpointField;
}

function toProperty(field: EndpointField): string {
  return `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}

function describe({ Service, Stage }: Properties): { service?: string; stage?: string } {
  return { ...(isName(Service) && { service: Service }), ...(isName(Stage) && { stage: Stage }) };
}
