import { isDateTime } from '@amplify-discovery/core';
import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

/**
 * AppSync's scalars by name, each checked as AppSync does on the way in, so that a malformed value is refused
 * before a resolver sees it. https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html
 */
export const awsScalars: Readonly<Record<string, GraphQLScalarType>> = {
  AWSDate: textScalar(
    'AWSDate',
    (text) => /^[+-]?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d(:\d\d)?)?$/.test(text) && isDate(text.slice(0, 10)),
  ),
  AWSTime: textScalar('AWSTime', (text) =>
    /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d(:\d\d)?)?$/.test(text),
  ),
  AWSDateTime: textScalar('AWSDateTime', isDateTime),
  AWSEmail: textScalar('AWSEmail', (text) => /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text)),
  AWSURL: textScalar('AWSURL', isUrl),
  AWSPhone: textScalar('AWSPhone', (text) => /^\+?\d[\d -]{4,20}$/.test(text)),
  AWSIPAddress: textScalar('AWSIPAddress', isIpAddress),
  AWSTimestamp: new GraphQLScalarType({
    name: 'AWSTimestamp',
    serialize: Number,
    parseValue: checkTimestamp,
    parseLiteral: (node) => checkTimestamp(node.kind === Kind.INT ? Number(node.value) : undefined),
  }),
  AWSJSON: new GraphQLScalarType({
    name: 'AWSJSON',
    // Resolvers see the parsed value and give a value back: the text exists only on the wire.
    serialize: (value) => JSON.stringify(value),
    parseValue: parseJson,
    parseLiteral: (node) => parseJson(valueFromASTUntyped(node)),
  }),
};

function textScalar(name: string, isValid: (text: string) => boolean): GraphQLScalarType {
  const check = (value: unknown) => {
    if (typeof value !== 'string' || !isValid(value)) throw new GraphQLError(`not a valid ${name}`);
    return value;
  };
  return new GraphQLScalarType({
    name,
    serialize: check,
    parseValue: check,
    parseLiteral: (node) => check(node.kind === Kind.STRING ? node.value : undefined),
  });
}

function parseJson(value: unknown): unknown {
  if (typeof value === 'string') {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      // falls through to the refusal
    }
  }
  throw new GraphQLError('not a valid AWSJSON');
}

function checkTimestamp(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new GraphQLError('not a valid AWSTimestamp');
  return value as number;
}

/** A calendar date that exists: 2026-02-30 does not. */
function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isUrl(text: string): boolean {
  try {
    return new URL(text).protocol.length > 1;
  } catch {
    return false;
  }
}

function isIpAddress(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  if (rest.length > 0 || address === undefined || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return false;
  if (address.includes(':')) return isUrl(`http://[${address}]/`);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split('.').every((part) => Number(part) < 256);
}
