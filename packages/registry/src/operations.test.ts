import { describe, expect, test } from '@jest/globals';
import { createWriterError, DiscoveryError } from '@amplify-discovery/core';
import { failingTransport } from '@amplify-discovery/test-rig';
import type { GraphqlResponse } from './graphql-transport.ts';
import { deregisterEndpoint, findService, listStages, registerEndpoint, retryConcurrentChange } from './operations.ts';

const input = {
  stage: 'dev',
  service: 'users',
  kind: 'rest',
  target: 'https://users.example.com',
  owner: 'stack-1',
} as const;
const change = { stage: 'dev', service: 'users', id: 'default', change: 'registered', endpoint: null };
const answering = (...answers: GraphqlResponse[]) => {
  const fake = failingTransport(() => Promise.reject(new Error('no more answers')));
  fake.failNext(...answers);
  return fake;
};
const data = (value: object): GraphqlResponse => ({ status: 200, body: { data: value } });
const errors = (errorType: string | null, message = 'what it says', status = 200): GraphqlResponse => ({
  status,
  body: { data: null, errors: [{ errorType, message }] },
});

test('a registration is sent with its metadata as JSON text, and its change comes back', async () => {
  const { transport, requests } = answering(data({ registerEndpoint: change }));
  expect(await registerEndpoint(transport, { ...input, metadata: { team: 'a' } })).toEqual(change);
  expect(requests[0]?.variables).toEqual({ input: { ...input, metadata: '{"team":"a"}' } });
});

test('a de-registration is sent as it is', async () => {
  const { transport, requests } = answering(data({ deregisterEndpoint: change }));
  const key = { stage: 'dev', service: 'users', owner: 'stack-1', token: '1.2' };
  expect(await deregisterEndpoint(transport, key)).toEqual(change);
  expect(requests[0]?.variables).toEqual({ input: key });
});

describe('an answer', () => {
  test.each([
    ['RegistrationConflict', errors('RegistrationConflict')],
    ['ConcurrentChange', errors('ConcurrentChange')],
    ['InvalidRecord', errors('InvalidRecord')],
    ['InvalidRecord', errors(null, 'Validation error: Unknown argument')],
    ['InvalidRecord', errors(null, 'Variable "$input" got invalid value "soap" at "input.kind"')],
    ['RegistryDenied', errors('Unauthorized')],
    ['RegistryDenied', errors('UnauthorizedException', 'who are you', 401)],
    ['RegistryDenied', { status: 403, body: undefined }],
    ['RegistryUnavailable', errors('InternalFailure', 'oh', 500)],
    ['RegistryUnavailable', errors('DynamoDB:ProvisionedThroughputExceededException')],
    ['RegistryUnavailable', { status: 502, body: '<html>' }],
    ['RegistryUnavailable', data({ registerEndpoint: null })],
    ['RegistryUnavailable', { status: 200, body: null }],
  ])('is %s: %j', async (code, answer) => {
    const { transport } = answering(answer);
    await expect(registerEndpoint(transport, input)).rejects.toMatchObject({ code, stage: 'dev', service: 'users' });
  });

  test('that is an error is told with what was asked and what the registry said', async () => {
    const { transport } = answering(errors('RegistrationConflict', 'held by stack-2'));
    await expect(registerEndpoint(transport, input)).rejects.toThrow(
      'registerEndpoint of "users" in "dev": held by stack-2',
    );
  });
});

test('no answer is RegistryUnavailable with its cause, and a DiscoveryError of the transport passes', async () => {
  const cause = new TypeError('fetch failed');
  await expect(registerEndpoint(() => Promise.reject(cause), input)).rejects.toMatchObject({
    code: 'RegistryUnavailable',
    cause,
  });
  const missing = new DiscoveryError('CredentialsMissing', 'none');
  await expect(registerEndpoint(() => Promise.reject(missing), input)).rejects.toBe(missing);
});

test('aborting rejects with the reason, even when the transport ignores the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('stopped');
  const outcome = expect(
    registerEndpoint(() => new Promise(() => {}), input, { signal: controller.signal }),
  ).rejects.toBe(reason);
  controller.abort(reason);
  await outcome;
  await expect(registerEndpoint(() => new Promise(() => {}), input, { signal: controller.signal })).rejects.toBe(
    reason,
  );
});

test('pages of a service are joined, without owner unless it is asked for', async () => {
  const { transport, requests } = answering(
    data({ service: { endpoints: [{ stage: 'dev' }], nextToken: 'two' } }),
    data({ service: { endpoints: [{ stage: 'prod' }], nextToken: null } }),
  );
  const found = await findService(transport, 'users');
  expect(found.map(({ stage, owner }) => [stage, owner])).toEqual([
    ['dev', null],
    ['prod', null],
  ]);
  expect(requests.map(({ variables }) => variables.nextToken)).toEqual([null, 'two']);
  expect(requests[0]?.query).not.toContain('owner');
});

test('stages of all pages come once each, sorted', async () => {
  const { transport } = answering(
    data({ stages: { stages: ['prod', 'dev'], nextToken: 'two' } }),
    data({ stages: { stages: ['dev', 'pr-1'], nextToken: null } }),
  );
  expect(await listStages(transport)).toEqual(['dev', 'pr-1', 'prod']);
});

test('pages that repeat their token end with RegistryUnavailable', async () => {
  const again = data({ stages: { stages: [], nextToken: 'again' } });
  const { transport, requests } = answering(again, again, again);
  await expect(listStages(transport)).rejects.toMatchObject({ code: 'RegistryUnavailable' });
  expect(requests).toHaveLength(2);
});

describe('trying again', () => {
  const conflict = () => createWriterError('ConcurrentChange', 'again');

  test('happens for ConcurrentChange alone, with pauses that grow', async () => {
    const pauses: number[] = [];
    let attempts = 0;
    const result = await retryConcurrentChange(
      () => (++attempts < 4 ? Promise.reject(conflict()) : Promise.resolve('done')),
      {
        random: () => 1,
        sleep: async (milliseconds) => void pauses.push(milliseconds),
      },
    );
    expect([result, attempts, pauses]).toEqual(['done', 4, [50, 100, 200]]);
  });

  test('ends after the attempts it was given, with the last error', async () => {
    let attempts = 0;
    const last = conflict();
    const operation = () => Promise.reject(++attempts === 3 ? last : conflict());
    await expect(retryConcurrentChange(operation, { attempts: 3, sleep: async () => {} })).rejects.toBe(last);
  });

  test('does not happen for another error', async () => {
    let attempts = 0;
    const error = createWriterError('RegistrationConflict', 'no');
    await expect(retryConcurrentChange(() => (attempts++, Promise.reject(error)))).rejects.toBe(error);
    expect(attempts).toBe(1);
  });
});
