import { describe, expect, test } from '@jest/globals';
import { createWriterError, DiscoveryError, type DiscoveryErrorCode } from '@amplify-discovery/core';
import { answerPublication, type PublisherPort } from './answer-publication.ts';

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/first';
const event = {
  RequestType: 'Create',
  RequestId: 'request-1',
  StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/0b1c',
  LogicalResourceId: 'Publication',
  ResponseURL: 'https://bucket.example/answer?X-Amz-Signature=presigned',
  ResourceProperties: { Keys: [keyArn] },
};
const update = { RequestType: 'Update', PhysicalResourceId: 'discovery-snapshots:b/live/' };
const context = { invokedFunctionArn: 'arn', getRemainingTimeInMillis: () => 60_000 };

const refusal = (code: DiscoveryErrorCode, cause?: unknown) => createWriterError(code, 'no', { cause });
const missingKey = { name: 'NotFoundException', $metadata: { httpStatusCode: 400 } };

interface Answer {
  readonly Status: string;
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly Data: Readonly<Record<string, string>>;
}

/** Rejects the first times with each of the errors, then answers. */
function failFirst<T>(errors: readonly Error[], value: T): () => Promise<T> {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error) throw error;
    return value;
  };
}

/** What is answered, by a publisher that works but for what is given; with a clock that rings after so many sleeps. */
async function answer(changes: object, port: Partial<PublisherPort> & { ringAfter?: number } = {}) {
  const { ringAfter = 3, ...rest } = port;
  const published: string[] = [];
  const lines: string[] = [];
  const sleeps: number[] = [];
  const alarm = new AbortController();
  const publisher: PublisherPort = {
    bucket: 'b',
    prefix: 'live/',
    signingKey: { keyId: keyArn },
    listStages: async () => ['dev', 'prod'],
    publish: async (stage) => void published.push(stage),
    getKey: async (arn, kid = arn.slice(arn.lastIndexOf('/') + 1)) => ({
      kid,
      kty: 'EC',
      crv: 'P-256',
      x: 'x',
      y: 'y',
    }),
    ...rest,
  };
  let sent = {} as Answer;
  await answerPublication({ ...event, ...changes }, context, {
    open: async () => publisher,
    fetch: async (_, init) => {
      sent = JSON.parse(new TextDecoder().decode(init?.body as Uint8Array<ArrayBuffer>)) as Answer;
      return new Response();
    },
    sleep: async (milliseconds) => {
      if (sleeps.push(milliseconds) >= ringAfter) alarm.abort();
    },
    // The first is the time for the work, at 90 % of what the answer leaves of it.
    startTimeout: (milliseconds) => (milliseconds === 49_500 ? alarm : new AbortController()).signal,
    log: (line) => lines.push(line),
  });
  return { ...sent, published, lines, sleeps };
}

describe('a Create', () => {
  test('publishes every stage that can be published and gives the keys', async () => {
    const done = await answer({}, { listStages: async () => ['dev', 'prod', 'dev.public'] });
    expect(done.published.sort()).toEqual(['dev', 'prod']);
    expect(done).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'discovery-snapshots:b/live/',
      Data: {
        Kid0: 'first',
        X0: 'x',
        Y0: 'y',
        TrustedKeys: '[{"kid":"first","kty":"EC","crv":"P-256","x":"x","y":"y"}]',
      },
    });
  });

  test('of an empty registry, unsigned, succeeds with an empty list', async () => {
    const ResourceProperties = { Settings: { any: 'thing' } };
    const done = await answer({ ResourceProperties }, { signingKey: undefined, listStages: async () => [] });
    expect(done).toMatchObject({ Status: 'SUCCESS', Data: { TrustedKeys: '[]' } });
  });

  test('tries again while permissions are on their way, and while something is busy or cut off', async () => {
    const denied = refusal('SigningKeyDenied');
    const missing = refusal('SigningKeyUnusable', missingKey);
    const key = { kid: 'first', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const;
    const done = await answer(
      {},
      {
        getKey: failFirst([denied, missing], key),
        listStages: failFirst([refusal('RegistryDenied'), refusal('RegistryUnavailable')], ['dev']),
        publish: failFirst([refusal('BucketDenied'), refusal('ConcurrentChange')], undefined),
        ringAfter: Infinity,
      },
    );
    expect(done.Status).toBe('SUCCESS');
    expect(done.sleeps).toEqual([500, 1000, 500, 1000, 500, 1000]);
  });

  test('fails with the stage, what was found and what to do when a stage can\u2019t be published', async () => {
    const publish = async (stage: string) => {
      if (stage === 'prod') throw refusal('BucketDenied');
    };
    const done = await answer({}, { publish });
    expect(done).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'discovery-snapshots:b/live/' });
    expect(done.Reason).toMatch(
      /^BucketDenied: Stage "prod" could not be published: no\. Allow it in the role and in the policy of the bucket/,
    );
  });

  test('fails when the stages are not known in time, or a stage hangs, with which', async () => {
    const unknown = await answer({}, { listStages: () => Promise.reject(refusal('RegistryUnavailable')) });
    expect(unknown.Reason).toContain('The stages of the registry could not be published: no');
    const publish = (stage: string) =>
      stage === 'dev' ? new Promise(() => undefined) : Promise.reject(refusal('RegistryUnavailable'));
    const hanging = await answer({}, { publish });
    expect(hanging.Reason).toContain('Stage "dev" could not be published, nor could 1 more: The time was up');
  });

  test('fails at once for a key that can\u2019t be used, and in the end for one that stays denied', async () => {
    const disabled = await answer({}, { getKey: () => Promise.reject(refusal('SigningKeyUnusable')) });
    expect([disabled.Status, disabled.sleeps, disabled.published]).toEqual(['FAILED', [], []]);
    expect(disabled.Reason).toContain(`The public half of ${keyArn} could not be fetched`);
    const denied = await answer({}, { getKey: () => Promise.reject(refusal('SigningKeyDenied')) });
    expect([denied.Status, denied.sleeps.length]).toEqual(['FAILED', 3]);
  });

  test('names the signing key as the signer does, and no other', async () => {
    const other = 'arn:aws:kms:eu-west-1:111122223333:key/next';
    const done = await answer(
      { ResourceProperties: { Keys: [keyArn, other] } },
      { signingKey: { keyId: 'first', kid: 'live-key' } },
    );
    expect(done.Data).toMatchObject({ Kid0: 'live-key', Kid1: 'next' });
  });

  test('has room in its answer for five keys, whatever the names of stack, resource and bucket', async () => {
    const Keys = [1, 2, 3, 4, 5].map((n) => `${keyArn}-mrk-1234abcd12ab34cd56ef1234567890a${n}`);
    const long = {
      StackId: `arn:aws:cloudformation:ap-southeast-1:111122223333:stack/${'s'.repeat(128)}/0b1c3d4e-0000-1111-2222-333344445555`,
      LogicalResourceId: 'L'.repeat(255),
      ResourceProperties: { Keys },
    };
    const [x, y] = ['x'.repeat(43), 'y'.repeat(43)];
    const done = await answer(long, {
      bucket: 'b'.repeat(63),
      prefix: `${'p'.repeat(255)}/`,
      signingKey: { keyId: Keys[0] as string },
      getKey: async (arn) => ({ kid: arn.slice(arn.lastIndexOf('/') + 1), kty: 'EC', crv: 'P-256', x, y }),
    });
    expect(done).toMatchObject({ Status: 'SUCCESS', Data: { Kid4: 'first-mrk-1234abcd12ab34cd56ef1234567890a5' } });
  });

  test('of settings that can\u2019t be read is answered with what is missing', async () => {
    let reason = '';
    await answerPublication(event, context, {
      open: () => Promise.reject(new DiscoveryError('InvalidOptions', 'DISCOVERY_SNAPSHOT_BUCKET: is missing')),
      fetch: async (_, init) => {
        reason = (JSON.parse(new TextDecoder().decode(init?.body as Uint8Array<ArrayBuffer>)) as Answer).Reason;
        return new Response();
      },
      sleep: async () => undefined,
      startTimeout: () => new AbortController().signal,
      log: () => undefined,
    });
    expect(reason).toContain('DISCOVERY_SNAPSHOT_BUCKET: is missing');
  });
});

describe('an Update', () => {
  test('succeeds without a stage that can\u2019t be published, and logs it: a rollback must get through', async () => {
    const done = await answer(update, {
      publish: async (stage) => {
        if (stage === 'dev') throw refusal('RegistryUnavailable');
      },
    });
    expect(done).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'discovery-snapshots:b/live/' });
    expect(done.lines[0]).toBe('{"stage":"dev","failed":"DiscoveryError: no"}');
  });

  test('succeeds when the registry does not tell its stages or publishing hangs', async () => {
    const unknown = await answer(update, { listStages: () => Promise.reject(refusal('RegistryUnavailable')) });
    expect([unknown.Status, unknown.Data.Kid0]).toEqual(['SUCCESS', 'first']);
    const publish = (stage: string) =>
      stage === 'dev' ? new Promise(() => undefined) : Promise.reject(refusal('RegistryUnavailable'));
    expect((await answer(update, { publish })).Status).toBe('SUCCESS');
  });

  test('fails when the key refuses to sign, or can\u2019t be read', async () => {
    const refused = refusal('SigningKeyDenied');
    expect((await answer(update, { publish: () => Promise.reject(refused) })).Status).toBe('FAILED');
    const unread = await answer(update, { getKey: () => Promise.reject(refused) });
    expect(unread).toMatchObject({ Status: 'FAILED', PhysicalResourceId: update.PhysicalResourceId });
  });

  test('for another place answers with another id, so that CloudFormation deletes the old one', async () => {
    const done = await answer(update, { prefix: 'next/' });
    expect(done.PhysicalResourceId).toBe('discovery-snapshots:b/next/');
  });
});

test.each(['discovery-snapshots:b/live/', 'discovery-snapshots:not-published', 'app-Publication-1A2B3C4D5E6F'])(
  'a Delete of %s succeeds and touches nothing',
  async (PhysicalResourceId) => {
    const untouchable = () => Promise.reject(new Error('touched'));
    const changes = { RequestType: 'Delete', PhysicalResourceId, ResourceProperties: {} };
    const done = await answer(changes, { listStages: untouchable, publish: untouchable, getKey: untouchable });
    expect(done).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId, published: [] });
  },
);
