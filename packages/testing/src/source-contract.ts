import assert from 'node:assert/strict';
import { isDiscoveryError, type Source } from '@amplify-discovery/core';

/** A source under test, and the means to change what lies behind it. Each test takes a stage of its own. */
export interface SourceContractSubject {
  readonly source: Source;
  /** Adds or replaces an endpoint. Absent for a source that nothing can be written to. */
  register(endpoint: { stage: string; service: string; id?: string; target: string }): Promise<void>;
  deregister(stage: string, service: string, id?: string): Promise<void>;
  /** From now on whatever is behind the source is down. Called last. */
  breakDown(): Promise<void>;
  /** Makes the next load wait, so that it can be aborted. Returns the way to let it go on. */
  holdNextLoad(): () => void;
  close?(): Promise<void>;
}

/** Where the tests are declared: Jest and Vitest with globals have these, else pass what the runner exports. */
export interface TestRunner {
  describe(name: string, declare: () => void): unknown;
  test(name: string, run: () => Promise<void> | void): unknown;
  beforeAll(run: () => Promise<void>): unknown;
  afterAll(run: () => Promise<void>): unknown;
}

/**
 * Declares the one contract of every {@link Source} as tests: each implementation runs it on itself.
 *
 * @param runner @default the globals of Jest, or of Vitest with `globals: true`. For node:test
 * `{ describe, test, beforeAll: before, afterAll: after }`.
 *
 * @example
 * ```ts
 * sourceContract('my source', async () => {
 *   const server = await startServer();
 *   return { ...server, source: createMySource(server.url) };
 * });
 * ```
 */
export function sourceContract(
  name: string,
  makeSubject: () => Promise<SourceContractSubject>,
  runner: TestRunner = globalThis as never,
): void {
  const { describe, test, beforeAll, afterAll } = runner;
  describe(`${name} keeps the contract of a source`, () => {
    let subject: SourceContractSubject;
    let stageNumber = 0;
    const signal = new AbortController().signal;
    const newStage = () => `contract-${++stageNumber}`;
    const load = async (stage: string, more: { services?: string[]; knownRevision?: string } = {}) => {
      const answer = await subject.source.load({ stage, signal, ...more });
      if (answer.unchanged) throw new Error('unchanged was not expected');
      return { revision: answer.revision, endpoints: answer.endpoints as Record<string, unknown>[] };
    };
    const url = (host: string) => `https://${host}.example.com/prod`;

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => subject?.close?.());

    test('it has a name', () => {
      assert.match(subject.source.name, /\S/);
    });

    test('a stage nobody registered in is an empty snapshot with a revision, not an error', async () => {
      const { revision, endpoints } = await load(newStage());
      assert.equal(endpoints.length, 0);
      assert.equal(typeof revision, 'string');
      assert.notEqual(revision, '');
    });

    test('a snapshot holds every endpoint of its stage and none of another', async () => {
      const [stage, other] = [newStage(), newStage()];
      await subject.register({ stage, service: 'users', target: url('users') });
      await subject.register({ stage, service: 'users', id: 'canary', target: url('canary') });
      await subject.register({ stage, service: 'orders', target: url('orders') });
      await subject.register({ stage: other, service: 'elsewhere', target: url('elsewhere') });
      const { endpoints } = await load(stage);
      const keys = endpoints.map(({ service, id, target }) => `${service} ${id} ${target}`).sort();
      assertSame(keys, [
        `orders default ${url('orders')}`,
        `users canary ${url('canary')}`,
        `users default ${url('users')}`,
      ]);
      assert.ok(
        endpoints.every((endpoint) => endpoint.stage === stage),
        'every endpoint names its stage',
      );
    });

    test('the known revision is answered with unchanged and that revision', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      const { revision } = await load(stage);
      const again = await subject.source.load({ stage, signal, knownRevision: revision });
      assertSame([again.unchanged, again.revision], [true, revision]);
    });

    test('an empty stage can be unchanged too', async () => {
      const stage = newStage();
      const { revision } = await load(stage);
      const again = await subject.source.load({ stage, signal, knownRevision: revision });
      assertSame([again.unchanged, again.revision], [true, revision]);
    });

    test('a revision it never gave out is answered with the endpoints', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      assert.equal((await load(stage, { knownRevision: 'of another source' })).endpoints.length, 1);
    });

    test('the revision stays while nothing changes, and differs after an endpoint was added, changed or removed', async () => {
      const stage = newStage();
      const revisions = [(await load(stage)).revision];
      const record = async () => {
        const { revision } = await load(stage);
        assert.equal((await load(stage)).revision, revision);
        revisions.push(revision);
      };
      await subject.register({ stage, service: 'users', target: url('one') });
      await record();
      await subject.register({ stage, service: 'users', target: url('two') });
      await record();
      await subject.register({ stage, service: 'orders', target: url('orders') });
      await record();
      await subject.deregister(stage, 'users');
      await record();
      assert.equal(new Set(revisions).size, 5, `each change has a revision of its own: ${revisions.join(', ')}`);
    });

    test('a change in another stage does not change the revision', async () => {
      const [stage, other] = [newStage(), newStage()];
      await subject.register({ stage, service: 'users', target: url('users') });
      const { revision } = await load(stage);
      await subject.register({ stage: other, service: 'users', target: url('users') });
      assert.equal((await load(stage)).revision, revision);
    });

    test('an endpoint that was removed is gone, and can be registered again', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('one') });
      await subject.deregister(stage, 'users');
      assert.equal((await load(stage)).endpoints.length, 0);
      await subject.register({ stage, service: 'users', target: url('two') });
      const found = (await load(stage)).endpoints.map(({ service, target }) => ({ service, target }));
      assertSame(found, [{ service: 'users', target: url('two') }]);
    });

    test('with services it answers at least those, and the revision is the stage\u2019s', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      await subject.register({ stage, service: 'orders', target: url('orders') });
      const { revision, endpoints } = await load(stage, { services: ['users'] });
      assert.ok(endpoints.some(({ service }) => service === 'users'));
      assert.equal(revision, (await load(stage)).revision);
      await load(stage, { services: ['nobody'] });
    });

    test('concurrent loads all get the same answer', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      const answers = await Promise.all(Array.from({ length: 5 }, () => load(stage)));
      assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
    });

    test('a load that was aborted before it began rejects with the reason', async () => {
      const reason = new Error('changed my mind');
      const loading = subject.source.load({ stage: newStage(), signal: AbortSignal.abort(reason) });
      assert.equal(await catchError(loading), reason);
    });

    test('a load that is aborted while it waits rejects with the reason, and the next one succeeds', async () => {
      const stage = newStage();
      const release = subject.holdNextLoad();
      const controller = new AbortController();
      const reason = new Error('changed my mind');
      const loading = subject.source.load({ stage, signal: controller.signal });
      const outcome = catchError(loading);
      controller.abort(reason);
      const error = await outcome;
      release();
      assert.equal(error, reason);
      assert.equal((await load(stage)).endpoints.length, 0);
    });

    test('when what is behind it is down it rejects with RegistryUnavailable that names the stage', async () => {
      await subject.breakDown();
      const stage = newStage();
      const error = await catchError(subject.source.load({ stage, signal }));
      assert.ok(isDiscoveryError(error), `a DiscoveryError, not ${String(error)}`);
      assertSame([error.code, error.retryable], ['RegistryUnavailable', true]);
      assert.ok(error.message.includes(stage), `the message names the stage: ${error.message}`);
    });
  });
}

/** What the load rejects with. */
async function catchError(loading: Promise<unknown>): Promise<unknown> {
  try {
    await loading;
  } catch (error) {
    return error;
  }
  return assert.fail('the load was answered, and should have been rejected');
}

/** As JSON: what a source gives may come from another realm than the test, with other prototypes. */
function assertSame(actual: unknown, expected: unknown): void {
  assert.equal(JSON.stringify(actual), JSON.stringify(expected));
}
