import { isDiscoveryError } from '../discovery-error.ts';
import { authModes } from './auth-mode.ts';
import { endpointKinds, type EndpointKind } from './endpoint-kind.ts';
import { isName, parseEndpoint, type Endpoint } from './endpoint.ts';
import { isDateTime } from './is-date-time.ts';
import { showValue } from '../show-value.ts';

/** What a record says of one endpoint, and its stage. */
export type EndpointField = keyof Endpoint;

const name = '1 to 128 of A-Z a-z 0-9 . _ - and must not start with a dot';

/** What may stand in each field of a record, in words, in the order in which people read them. */
export const fieldRules: Readonly<Record<EndpointField, string>> = {
  service: name,
  stage: name,
  id: name,
  kind: joinWords(endpointKinds),
  target:
    'an absolute https:// URL without user info, query or hash (wss:// for kind websocket or events; an ARN for kind function or resource)',
  region: 'a region such as eu-west-1',
  signingService: 'the name that SigV4 signs with, such as execute-api',
  authMode: joinWords(authModes),
  version: 'a semantic version such as 1.4.2',
  tenant: name,
  priority: 'a whole number from 0 to 65535',
  weight: 'a whole number from 0 to 1000',
  public: 'true or false',
  metadata: 'a map of text to text of at most 4096 characters of JSON',
  expiresAt: 'a time in ISO 8601 with Z or an offset, such as 2027-01-31T12:00:00Z',
};

/** What the registry stores; a reader takes more, because what it reads was stored. */
const maximumMetadata = 4096;
const maximumVersion = 128;

/**
 * What is wrong with a value that is to be registered in a field, and what to write instead; undefined where nothing is.
 * Each field can be tried alone, so that people read all faults at once.
 *
 * @param kind What a target is judged by. @default 'rest'
 * @example
 * ```ts
 * findFieldFault('weight', 1001); // 'must be a whole number from 0 to 1000: it is 1001'
 * ```
 */
export function findFieldFault(field: EndpointField, value: unknown, kind: EndpointKind = 'rest'): string | undefined {
  return isWellFormed(field, value, kind) ? undefined : `must be ${fieldRules[field]}: it is ${showValue(value)}`;
}

function isWellFormed(field: EndpointField, value: unknown, kind: EndpointKind): boolean {
  if (field === 'stage') return isName(value);
  if (field === 'version' && typeof value === 'string' && value.length > maximumVersion) return false;
  // Readers take more: a parsed record holds its time as a number.
  if (field === 'expiresAt') return typeof value === 'string' && isDateTime(value);
  const isArn = field === 'kind' && (value === 'function' || value === 'resource');
  const sample = { service: 'sample', target: isArn ? 'arn:aws:sample:::sample' : 'https://sample.example' };
  try {
    const { metadata } = parseEndpoint({ ...sample, ...(field === 'target' && { kind }), [field]: value }, 'sample');
    return value != null && JSON.stringify(metadata ?? '').length <= maximumMetadata;
  } catch (error) {
    if (isDiscoveryError(error)) return false;
    throw error;
  }
}

function joinWords(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
