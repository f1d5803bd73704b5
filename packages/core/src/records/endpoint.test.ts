import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyValue } from '../../test/hostile-values.ts';
import { isDiscoveryError } from '../discovery-error.ts';
import { isName, parseEndpoint, type Endpoint } from './endpoint.ts';

const record = { service: 'users', target: 'https://users.example.com/prod' };

function failureOf(input: unknown): unknown {
  try {
    parseEndpoint(input, 'dev');
  } catch (error) {
    return error;
  }
  return undefined;
}

const name = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/);
const validRecord = fc.record(
  {
    service: name,
    target: fc.constantFrom(
      'https://a.example.com',
      'https://a.example.com/v1/',
      'HTTPS://A.Example.com:443/%20x',
      'http://localhost:3000',
    ),
    id: name,
    kind: fc.constantFrom('rest', 'http', 'graphql', 'events', 'websocket'),
    region: fc.constantFrom('eu-west-1', null),
    signingService: fc.constantFrom('execute-api', 'lambda'),
    authMode: fc.constantFrom('none', 'apiKey', 'iam', 'userPool', 'oidc', 'lambda', null),
    version: fc.constantFrom('1.4.2', '0.0.1-rc.1', '10.20.30+build.5', null),
    tenant: fc.option(name),
    weight: fc.integer({ min: 0, max: 1000 }),
    metadata: fc.oneof(
      fc.dictionary(fc.string(), fc.string()),
      fc.dictionary(fc.string(), fc.string()).map((metadata) => JSON.stringify(metadata)),
    ),
    expiresAt: fc.oneof(
      fc.nat(),
      fc.date({ min: new Date(0), max: new Date(1e14), noInvalidDate: true }).map((date) => date.toISOString()),
    ),
  },
  { requiredKeys: ['service', 'target'] },
);

describe('parseEndpoint', () => {
  test('fills in what a record may leave out', () => {
    expect(parseEndpoint(record, 'dev')).toEqual({
      stage: 'dev',
      service: 'users',
      target: 'https://users.example.com/prod',
      id: 'default',
      kind: 'rest',
      priority: 0,
      weight: 100,
      public: false,
    });
  });

  test('reads metadata from JSON text and the expiry from ISO 8601 text', () => {
    const { metadata, expiresAt } = parseEndpoint(
      { ...record, metadata: '{"team":"identity"}', expiresAt: '2026-11-21T12:00:00.000Z' },
      'dev',
    );
    expect(metadata).toEqual({ team: 'identity' });
    expect(expiresAt).toBe(Date.UTC(2026, 10, 21, 12));
  });

  test('keeps its own copy of the metadata', () => {
    const metadata = { team: 'identity' };
    const endpoint = parseEndpoint({ ...record, metadata }, 'dev');
    metadata.team = 'another';
    expect(endpoint.metadata).toEqual({ team: 'identity' });
  });

  test('counts null as absent and leaves out fields that it does not know', () => {
    const nulls = { id: null, kind: null, region: null, tenant: null, weight: null, metadata: null, expiresAt: null };
    expect(parseEndpoint({ ...record, ...nulls, stage: 'other', owner: 'me', token: 't' }, 'dev')).toEqual(
      parseEndpoint(record, 'dev'),
    );
  });

  test('is the same for an object without prototype', () => {
    expect(parseEndpoint(Object.assign(Object.create(null), record), 'dev')).toEqual(parseEndpoint(record, 'dev'));
  });

  test.each(['__proto__', 'constructor', 'toString', 'a', 'A.b_c-9', 'x'.repeat(128)])(
    'takes "%s" for a name',
    (service) => {
      expect(isName(service)).toBe(true);
      expect(parseEndpoint({ ...record, service }, 'dev').service).toBe(service);
    },
  );

  test.each(['', '.', '..', '.hidden', 'a b', 'a/b', 'ä', 'users\n', 'x'.repeat(129)])(
    'refuses %j as a name',
    (service) => {
      expect(isName(service)).toBe(false);
      expect(failureOf({ ...record, service })).toMatchObject({
        code: 'InvalidRecord',
        message: expect.stringContaining('service'),
      });
    },
  );

  test.each<[field: string, values: unknown[]]>([
    ['service', [undefined, null, 5, ['users'], {}]],
    ['target', [undefined, null, '', 5, 'users', 'ftp://a.com', 'http://a.com', ['https://a.com']]],
    ['id', ['', 'a b', 5, {}]],
    ['kind', ['', 'REST', 'rest ', 'toString', 5]],
    ['region', ['EU-WEST-1', 'eu.west', '', 'eu-west-1\n', 'x'.repeat(65)]],
    ['signingService', ['execute api', 5]],
    ['authMode', ['IAM', 'constructor', '']],
    ['version', ['1', '1.2', 'v1.2.3', '1.2.3.4', 'latest', '1.2.3-', '']],
    ['tenant', ['', 'a/b', 5]],
    ['weight', [-1, 1001, 0.5, Number.NaN, Infinity, '100', 10n, [100]]],
    ['metadata', ['{', '[]', '"text"', 'null', '5', [], 5, ['a'], { a: 1 }, { a: null }, { a: {} }, true]],
    ['expiresAt', ['soon', '', -1, Number.NaN, true, {}, [5]]],
  ])('names %s when it is bad', (field, values) => {
    for (const value of values) {
      const error = failureOf({ ...record, [field]: value });
      const expected = {
        code: 'InvalidRecord',
        stage: 'dev',
        message: expect.stringMatching(new RegExp(`bad ${field}$`)),
      };
      expect({ value, error }).toMatchObject({ value, error: expected });
    }
  });

  test('says which service had the bad field, once that is known', () => {
    expect(failureOf({ ...record, weight: -1 })).toMatchObject({
      service: 'users',
      message: expect.stringContaining('"users"'),
    });
  });

  test('never throws anything but InvalidRecord', () => {
    const mixed = fc
      .tuple(
        validRecord,
        fc.dictionary(
          fc.constantFrom('service', 'id', 'kind', 'target', 'version', 'weight', 'metadata', 'expiresAt'),
          anyValue,
        ),
      )
      .map(([valid, hostile]) => ({ ...valid, ...hostile }));
    fc.assert(
      fc.property(fc.oneof(anyValue, mixed), (input) => {
        const error = failureOf(input);
        expect(error === undefined || (isDiscoveryError(error) && error.code === 'InvalidRecord')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('gives an endpoint that parses to itself, also by way of JSON text', () => {
    fc.assert(
      fc.property(validRecord, (input) => {
        const endpoint: Endpoint = parseEndpoint(input, 'dev');
        expect(parseEndpoint(endpoint, 'dev')).toEqual(endpoint);
        expect(parseEndpoint(JSON.parse(JSON.stringify(endpoint)), 'dev')).toEqual(endpoint);
      }),
    );
  });
});
