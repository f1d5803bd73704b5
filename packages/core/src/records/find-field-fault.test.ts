import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { authModes } from './auth-mode.ts';
import { endpointKinds } from './endpoint-kind.ts';
import { parseEndpoint } from './endpoint.ts';
import { fieldRules, findFieldFault, type EndpointField } from './find-field-fault.ts';

const fields = Object.keys(fieldRules) as EndpointField[];

describe('a value that is to be registered', () => {
  test.each<[EndpointField, unknown]>([
    ['service', 'user-management-service'],
    ['service', 'constructor'],
    ['stage', 'Production'],
    ['id', 'default'],
    ['kind', 'function'],
    ['target', 'https://api.example.com/prod'],
    ['region', 'eu-west-1'],
    ['signingService', 'execute-api'],
    ['authMode', 'userPool'],
    ['version', '1.4.2-rc.1+7'],
    ['tenant', 'acme'],
    ['priority', 65_535],
    ['weight', 0],
    ['weight', 1000],
    ['public', false],
    ['metadata', { team: 'orders' }],
    ['metadata', '{"team":"orders"}'],
    ['metadata', { a: 'x'.repeat(4096 - '{"a":""}'.length) }],
    ['expiresAt', '2027-01-31T12:00:00Z'],
    ['expiresAt', '2027-01-31T12:00:00.123+01:00'],
    ['expiresAt', '2027-01-31T12:00:00+01:00:30'],
  ])('is well formed: %s %j', (field, value) => {
    expect(findFieldFault(field, value)).toBeUndefined();
  });

  test.each<[EndpointField, unknown, string]>([
    ['service', 'a/b', 'must be 1 to 128 of A-Z a-z 0-9 . _ - and must not start with a dot: it is "a/b"'],
    ['stage', '.hidden', 'must not start with a dot'],
    ['id', '', '1 to 128'],
    ['tenant', 'x'.repeat(129), '1 to 128'],
    ['kind', 'soap', 'rest, http, graphql, events, websocket, function or resource: it is "soap"'],
    ['target', 'http://api.example.com', 'an absolute https:// URL'],
    ['target', null, 'an absolute https:// URL'],
    ['target', 'arn:aws:s3:::bucket', 'an absolute https:// URL'],
    ['region', 'eu west', 'a region such as eu-west-1'],
    ['signingService', '', 'execute-api'],
    ['authMode', 'basic', 'none, apiKey, iam, userPool, oidc or lambda'],
    ['version', '1.4', 'a semantic version such as 1.4.2'],
    ['version', `1.0.0-${'x'.repeat(123)}`, 'a semantic version'],
    ['priority', 65_536, 'from 0 to 65535'],
    ['weight', 1001, 'must be a whole number from 0 to 1000: it is 1001'],
    ['weight', '5', 'from 0 to 1000'],
    ['public', 'true', 'true or false'],
    ['metadata', { a: 1 }, 'a map of text to text'],
    ['metadata', ['a'], 'a map of text to text'],
    ['metadata', { a: 'x'.repeat(4096) }, 'at most 4096 characters'],
    ['metadata', `{"a":"${'x'.repeat(4096)}"}`, 'at most 4096 characters'],
    ['expiresAt', 'tomorrow', 'ISO 8601'],
    ['expiresAt', '2027-01-31T12:00:00', 'with Z or an offset'],
    ['expiresAt', '2027-02-30T12:00:00Z', 'ISO 8601'],
    ['expiresAt', '2027-01-31T24:00:00Z', 'ISO 8601'],
    ['expiresAt', 1_900_000_000_000, 'ISO 8601'],
  ])('is refused with what to write: %s %j', (field, value, message) => {
    expect(findFieldFault(field, value)).toContain(message);
  });

  test('is a target that fits its kind', () => {
    expect(findFieldFault('target', 'wss://chat.example.com', 'websocket')).toBeUndefined();
    expect(findFieldFault('target', 'arn:aws:lambda:eu-west-1:111122223333:function:x', 'function')).toBeUndefined();
    expect(findFieldFault('target', 'https://api.example.com', 'function')).toContain('an ARN for kind function');
  });

  test('is shown shortened, whatever it is', () => {
    expect(findFieldFault('weight', 'x'.repeat(500))).toMatch(/it is "x{116}\.\.\.$/);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(findFieldFault('service', circle)).toMatch(/it is object$/);
    expect(findFieldFault('service', 10n)).toMatch(/it is bigint$/);
    expect(findFieldFault('service', undefined)).toMatch(/it is undefined$/);
    expect(findFieldFault('metadata', Object.create(null))).toBeUndefined();
  });
});

test('the words name every kind and auth mode', () => {
  for (const kind of endpointKinds) expect(fieldRules.kind).toContain(kind);
  for (const mode of authModes) expect(fieldRules.authMode).toContain(mode);
});

const url = fc.domain().map((host) => `https://${host}/prod`);

test('what is well formed can be read back, and no value makes it throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.oneof(fc.anything(), url, fc.nat(2000)), (field, value) => {
      if (findFieldFault(field, value) !== undefined || field === 'stage') return;
      const target =
        field === 'kind' && /^(function|resource)$/.test(String(value)) ? 'arn:aws:s:::x' : 'https://a.example';
      expect(parseEndpoint({ service: 's', target, [field]: value }, 'dev')).toHaveProperty(field);
    }),
    { numRuns: 2000 },
  );
});
