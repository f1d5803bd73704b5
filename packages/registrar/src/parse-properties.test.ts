import { describe, expect, test } from '@jest/globals';
import { isDiscoveryError } from '@amplify-discovery/core';
import fc from 'fast-check';
import { findPropertiesKey, parseProperties } from './parse-properties.ts';

const least = { Service: 'users', Stage: 'dev', Target: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' };

function getMessage(properties: Record<string, unknown>): string {
  try {
    parseProperties(properties, 'eu-west-1');
  } catch (error) {
    if (isDiscoveryError(error) && error.code === 'InvalidRecord') return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the properties of a Custom::ServiceEndpoint', () => {
  test('need a service, a stage and a target; the rest follows from the target', () => {
    expect(parseProperties({ ServiceToken: 'arn:…', ServiceTimeout: '120', ...least }, 'us-east-1')).toEqual({
      service: 'users',
      stage: 'dev',
      id: 'default',
      kind: 'rest',
      target: least.Target,
      region: 'eu-west-1',
      signingService: 'execute-api',
      weight: 100,
      takeover: false,
    });
  });

  test('may all be given, as the text that CloudFormation makes of numbers and booleans', () => {
    const given = {
      ...least,
      Id: 'canary',
      Kind: 'http',
      Region: 'eu-central-1',
      SigningService: 'lambda',
      AuthMode: 'iam',
      Version: '1.4.2',
      Tenant: 'acme',
      Priority: '10',
      Weight: '5',
      Public: 'true',
      Metadata: { team: 'identity', tier: '1' },
      ExpiresAt: '2027-01-31T12:00:00+01:00',
      Takeover: 'true',
    };
    expect(parseProperties(given, undefined)).toEqual({
      service: 'users',
      stage: 'dev',
      target: least.Target,
      id: 'canary',
      kind: 'http',
      region: 'eu-central-1',
      signingService: 'lambda',
      authMode: 'iam',
      version: '1.4.2',
      tenant: 'acme',
      priority: 10,
      weight: 5,
      public: true,
      metadata: { team: 'identity', tier: '1' },
      expiresAt: '2027-01-31T11:00:00.000Z',
      takeover: true,
    });
    const unstringified = {
      ...given,
      Priority: 10,
      Weight: 5,
      Public: true,
      Takeover: true,
      Metadata: { team: 'identity', tier: 1 },
    };
    expect(parseProperties(unstringified, undefined)).toEqual(parseProperties(given, undefined));
    expect(parseProperties({ ...given, Metadata: '{"team":"identity","tier":"1"}' }, undefined)).toEqual(
      parseProperties(given, undefined),
    );
  });

  test('take the kind, region and signing service of each sort of target', () => {
    const follow = (Target: string, rest = {}) => {
      const { kind, region, signingService } = parseProperties({ ...least, Target, ...rest }, 'us-east-1');
      return [kind, region, signingService];
    };
    expect(follow('https://x.lambda-url.eu-west-1.on.aws/')).toEqual(['http', 'eu-west-1', 'lambda']);
    expect(follow('https://x.abc.lambda-web.eu-west-1.on.aws')).toEqual(['http', 'eu-west-1', 'lambda']);
    // In several regions it has the name of none.
    expect(follow('https://x.lambda-web.global.on.aws')).toEqual(['http', 'us-east-1', 'lambda']);
    expect(follow('https://x.appsync-api.eu-west-1.amazonaws.com/graphql')).toEqual([
      'graphql',
      'eu-west-1',
      'appsync',
    ]);
    expect(follow('https://x.appsync-api.eu-west-1.amazonaws.com/event')).toEqual(['events', 'eu-west-1', 'appsync']);
    expect(follow('wss://x.appsync-realtime-api.eu-west-1.amazonaws.com/event/realtime')).toEqual([
      'events',
      'eu-west-1',
      'appsync',
    ]);
    expect(follow('wss://x.execute-api.eu-west-1.amazonaws.com/prod')).toEqual([
      'websocket',
      'eu-west-1',
      'execute-api',
    ]);
    expect(follow('wss://chat.example.com')).toEqual(['websocket', 'us-east-1', 'execute-api']);
    expect(follow('https://api.example.com')).toEqual(['rest', 'us-east-1', 'execute-api']);
    expect(follow('https://api.example.com/graphql', { Kind: 'graphql' })).toEqual(['graphql', 'us-east-1', 'appsync']);
    expect(follow('arn:aws:lambda:eu-west-1:111122223333:function:users')).toEqual(['function', 'eu-west-1', 'lambda']);
    expect(follow('arn:aws:s3:::bucket')).toEqual(['resource', 'us-east-1', undefined]);
    // A look-alike is somebody else's domain.
    expect(follow('https://x.execute-api.eu-west-1.amazonaws.com.evil.example')).toEqual([
      'rest',
      'us-east-1',
      'execute-api',
    ]);
  });

  test('that are empty text count as absent', () => {
    const empty = { Id: '', Kind: '', Weight: '', Metadata: '', Takeover: '', Version: '', GraphqlApiId: '' };
    expect(parseProperties({ ...least, ...empty }, 'us-east-1')).toEqual(parseProperties(least, 'us-east-1'));
    expect(getMessage({ ...least, Service: '' })).toBe('Service is missing.');
  });

  test('that are unknown are named, with the ones that may have been meant', () => {
    expect(getMessage({ ...least, Sevrice: 'x' })).toBe('There is no property "Sevrice": perhaps Service was meant.');
    expect(getMessage({ ...least, target: 'x' })).toContain('There is no property "target": perhaps Target was meant');
    expect(getMessage({ ...least, Owner: 'me' })).toContain(
      'There is no property "Owner": there are Service, Stage, Id',
    );
  });

  test('are reported all at once, with what to write instead', () => {
    const message = getMessage({
      Service: 'a/b',
      Stage: 'dev',
      Target: 'http://api.example.com',
      Weight: '1001',
      Kind: 'soap',
      Version: 'latest',
      ExpiresAt: 'tomorrow',
      Metadata: { deep: { er: 'x' } },
      Takeover: 'yes',
    });
    expect(message).toMatch(
      /^Service must be 1 to 128 .*"a\/b"\. Kind must be rest, http, .*"soap"\. Target must be an absolute https:\/\/ URL.*\. Version must be .*1\.4\.2.*\. Weight must be .*\. Metadata must be .*\. ExpiresAt must be .*\. Takeover must be true or false: it is "yes"\.$/,
    );
  });

  test('name a target or an API, one of them', () => {
    expect(getMessage({ Service: 'users', Stage: 'dev' })).toBe('Target or GraphqlApiId is missing.');
    expect(getMessage({ ...least, GraphqlApiId: 'abc' })).toBe('Give Target or GraphqlApiId, not both.');
  });

  test('name targets that fit their kind', () => {
    expect(getMessage({ ...least, Kind: 'function' })).toContain('Target must be');
    expect(getMessage({ ...least, Kind: 'rest', Target: 'wss://chat.example.com' })).toContain('Target must be');
    expect(getMessage({ ...least, Target: 'https://user:secret@api.example.com' })).toContain('Target must be');
    expect(getMessage({ ...least, Target: 'https://api.example.com?x=1' })).toContain('Target must be');
  });

  test('name no ARN that callers without credentials may read', () => {
    const Target = 'arn:aws:lambda:eu-west-1:111122223333:function:users';
    expect(getMessage({ ...least, Target, Public: 'true' })).toBe(
      'Public must be false where Kind is function: an ARN is for callers with credentials.',
    );
    expect(parseProperties({ ...least, Target, Public: 'false' }, undefined)).toMatchObject({ public: false });
  });

  test('may be named as members of an object are', () => {
    expect(parseProperties({ ...least, Service: 'constructor', Stage: 'toString' }, undefined)).toMatchObject({
      service: 'constructor',
      stage: 'toString',
    });
    const hostile = JSON.parse('{"__proto__":{"Service":"x"},"constructor":"x"}') as Record<string, unknown>;
    expect(getMessage({ ...hostile, Target: least.Target })).toMatch(
      /There is no property "constructor".*Service is missing\. Stage is missing/,
    );
  });

  test('are never answered with anything but a registration or InvalidRecord', () => {
    const value = fc.anything();
    const properties = fc.dictionary(
      fc.constantFrom('Service', 'Stage', 'Target', 'Kind', 'Weight', 'Metadata', 'ExpiresAt', 'Id', 'Takeover', 'x'),
      value,
    );
    fc.assert(
      fc.property(properties, (given) => {
        try {
          parseProperties(given, undefined);
        } catch (error) {
          expect(isDiscoveryError(error) && error.code).toBe('InvalidRecord');
        }
      }),
      { numRuns: 1000, examples: [[{ Weight: [{ toString: '' }] }], [{ Target: { toString: 1 } }]] },
    );
  });
});

test('a key is found in properties that are otherwise wrong', () => {
  expect(findPropertiesKey({ Service: 'users', Stage: 'dev', Weight: 'x' })).toEqual({
    service: 'users',
    stage: 'dev',
    id: 'default',
  });
  expect(findPropertiesKey({ Service: 'users', Stage: 'a/b' })).toBeUndefined();
  expect(findPropertiesKey({})).toBeUndefined();
});

test('what only makes CloudFormation send an update is not registered', () => {
  const given = { Service: 'users', Stage: 'pr-9', Target: 'https://users.example.com' };
  expect(parseProperties({ ...given, RenewedOn: '2026-11-26' }, 'eu-west-1')).toEqual(
    parseProperties(given, 'eu-west-1'),
  );
});
