import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  findFieldFault,
  isDiscoveryError,
  parseEndpoint,
  type EndpointField,
  type EndpointKind,
} from '@amplify-discovery/core';
import type { GraphqlTransport } from '@amplify-discovery/registry';
import { registerEndpoint, type RegisterEndpointInput } from '@amplify-discovery/registry/operations';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { openRegistry, type OpenRegistry } from '../src/open-registry.ts';
import { directTransport } from './direct-transport.ts';

/** Resolvers can't import core, so both are asked about each field and must agree. */
let registry: OpenRegistry;
let transport: GraphqlTransport;
beforeAll(async () => {
  registry = await openRegistry();
  transport = directTransport(registry, 'iam');
});
afterAll(() => registry.close());

type Field = Exclude<EndpointField, 'stage' | 'kind' | 'target'>;

/** The record as the registry stored it, or undefined when it was refused as malformed. */
async function tryToRegister(more: Partial<RegisterEndpointInput>) {
  const input = { stage: 'dev', service: 'users', kind: 'rest', target: 'https://a.example', owner: 'test' } as const;
  try {
    const { endpoint } = await registerEndpoint(transport, { ...input, public: false, ...more });
    return endpoint ?? undefined;
  } catch (error) {
    if (isDiscoveryError(error) && error.code === 'InvalidRecord') return undefined;
    throw error;
  }
}

const name = fc.oneof(
  fc.stringMatching(/^[\w.-]{1,6}$/),
  fc.stringMatching(/^[\w.\-/#: ]{0,6}$/),
  fc.constantFrom('x'.repeat(128), 'x'.repeat(129), 'users\n', 'constructor', '__proto__', 'ü'),
);
const edges = (most: number) => fc.constantFrom(-1, 0, 1, most - 1, most, most + 1);
const values: Readonly<Record<Field, fc.Arbitrary<unknown>>> = {
  service: name,
  id: name,
  tenant: name,
  region: fc.oneof(
    fc.stringMatching(/^[a-z\d-]{0,4}$/),
    fc.constantFrom('r'.repeat(64), 'r'.repeat(65), 'eu west', 'EU'),
  ),
  signingService: fc.oneof(
    fc.stringMatching(/^[a-z\d-]{0,4}$/),
    fc.constantFrom('s'.repeat(64), 's'.repeat(65), 'a/b'),
  ),
  authMode: fc.constantFrom('none', 'apiKey', 'iam', 'userPool', 'oidc', 'lambda', 'basic'),
  version: fc.oneof(
    fc.stringMatching(/^\d\.\d\.\d(-[a-z.-]{1,3})?(\+[a-z.-]{1,3})?$/),
    fc.constantFrom(
      '1',
      '1.2',
      'v1.2.3',
      '1.2.3-',
      '1.2.3+',
      '1.2.3 ',
      '1.2.3\n',
      `1.2.3-${'x'.repeat(122)}`,
      `1.2.3-${'x'.repeat(123)}`,
    ),
  ),
  priority: edges(65_535),
  weight: edges(1000),
  public: fc.boolean(),
  metadata: fc.oneof(
    fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(fc.string({ maxLength: 3 }), fc.nat(), fc.constant(null))),
    fc.constantFrom<unknown>({ a: 'x'.repeat(4087) }, { a: 'x'.repeat(4088) }, {}, [], ['a']),
  ),
  expiresAt: fc.oneof(
    fc
      .date({ min: new Date('2090-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    fc.constantFrom(
      '2099-01-01T00:00:00Z',
      '2099-01-01T00:00+01:00',
      '2099-01-01T00:00:00-01:00:30',
      '2099-01-01T00:00:00',
      '2099-02-30T00:00:00Z',
      '2099',
      'tomorrow',
    ),
  ),
};

describe('the registry accepts exactly the values that core accepts, in the field', () => {
  test.each(Object.keys(values) as Field[])('%s', async (field) => {
    await fc.assert(
      fc.asyncProperty(values[field], async (value) => {
        const fault = findFieldFault(field, value);
        const taken = await tryToRegister({ [field]: value });
        expect({ value, isTaken: taken !== undefined }).toEqual({ value, isTaken: fault === undefined });
      }),
      { numRuns: scaleRuns(10) },
    );
  });
});

describe('a target', () => {
  const kinds: readonly EndpointKind[] = ['rest', 'websocket', 'function'];
  const scheme = fc.constantFrom('https://', 'http://', 'wss://', 'ws://', 'HTTPS://', 'ftp://', '');
  const host = fc.oneof(
    fc.constantFrom(
      'a.example',
      'localhost',
      '127.0.0.1',
      '[::1]',
      '10.0.0.1',
      '256.0.0.1',
      '1.2.3',
      '0x7f',
      'a..b',
      'a.',
      'ü.de',
    ),
    fc
      .array(fc.constantFrom('a', 'A-1', '_x', '1', '.', '..', '@', ':', ':8443', ':99999', '*'), { maxLength: 4 })
      .map((parts) => parts.join('')),
  );
  const path = fc
    .array(
      fc.constantFrom(
        '/',
        '//',
        'v1',
        '.',
        '..',
        '@',
        '?',
        '#',
        '%2f',
        '%2E',
        '%zz',
        '\\',
        ' ',
        '\t',
        'ü',
        '|',
        '^',
        '{',
        '*',
        "'",
        '(',
        ';',
        '=',
        '[',
        '://',
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join(''));
  const url = fc.tuple(scheme, host, fc.constantFrom('', '/'), path).map((parts) => parts.join(''));
  const arn = fc
    .tuple(fc.constantFrom('arn:aws:lambda:eu-west-1:1:', 'arn:aws:s3:::', 'arn:aws:', 'arn::'), path)
    .map((parts) => parts.join(''));
  const target = fc.oneof({ arbitrary: url, weight: 4 }, { arbitrary: arn, weight: 1 });

  test('that the registry accepts can be used by every reader', async () => {
    await fc.assert(
      fc.asyncProperty(target, fc.constantFrom(...kinds), async (target, kind) => {
        const taken = await tryToRegister({ kind, target });
        if (taken === undefined) return;
        expect(() => parseEndpoint({ service: 'users', kind, target }, 'dev')).not.toThrow();
        expect(findFieldFault('target', target, kind)).toBeUndefined();
      }),
      { numRuns: scaleRuns(100) },
    );
  });

  test('that core accepts is accepted in its canonical form', async () => {
    await fc.assert(
      fc.asyncProperty(target, fc.constantFrom(...kinds), async (target, kind) => {
        fc.pre(findFieldFault('target', target, kind) === undefined);
        const canonical = parseEndpoint({ service: 'users', kind, target }, 'dev').target;
        expect(await tryToRegister({ kind, target: canonical })).toMatchObject({ target: canonical });
      }),
      { numRuns: scaleRuns(25), maxSkipsPerRun: 1000 },
    );
  });
});
