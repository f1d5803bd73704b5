import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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

/** The one contract of every {@link Source}: each implementation runs it on itself. */
export function sourceContract(name: string, makeSubject: () => Promise<SourceContractSubject>): void {
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
    afterAll(async () => subject.close?.());

    test('it has a name', () => {
      expect(subject.source.name).toMatch(/\S/);
    });

    test('a stage nobody registered in is an empty snapshot with a revision, not an error', async () => {
      const { revision, endpoints } = await load(newStage());
      expect(endpoints).toEqual([]);
      expect(revision).not.toBe('');
      expect(typeof revision).toBe('string');
    });

    test('a snapshot holds every endpoint of its stage and none of another', async () => {
      const [stage, other] = [newStage(), newStage()];
      await subject.register({ stage, service: 'users', target: url('users') });
      await subject.register({ stage, service: 'users', id: 'canary', target: url('canary') });
      await subject.register({ stage, service: 'orders', target: url('orders') });
      await subject.register({ stage: other, service: 'elsewhere', target: url('elsewhere') });
      const { endpoints } = await load(stage);
      const keys = endpoints.map(({ service, id, target }) => `${service} ${id} ${target}`).sort();
      expect(keys).toEqual([
        `orders default ${url('orders')}`,
        `users canary ${url('canary')}`,
        `users default ${url('users')}`,
      ]);
      expect(endpoints.every((endpoint) => endpoint.stage === stage)).toBe(true);
    });

    test('the known revision is answered with unchanged and that revision', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      const { revision } = await load(stage);
      expect(await subject.source.load({ stage, signal, knownRevision: revision })).toEqual({
        unchanged: true,
        revision,
      });
    });

    test('an empty stage can be unchanged too', async () => {
      const stage = newStage();
      const { revision } = await load(stage);
      expect(await subject.source.load({ stage, signal, knownRevision: revision })).toEqual({
        unchanged: true,
        revision,
      });
    });

    test('a revision it never gave out is answered with the endpoints', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      expect((await load(stage, { knownRevision: 'of another source' })).endpoints).toHaveLength(1);
    });

    test('the revision stays while nothing changes, and differs after an endpoint was added, changed or removed', async () => {
      const stage = newStage();
      const revisions = [(await load(stage)).revision];
      const record = async () => {
        const { revision } = await load(stage);
        expect((await load(stage)).revision).toBe(revision);
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
      expect(new Set(revisions).size).toBe(5);
    });

    test('a change in another stage does not change the revision', async () => {
      const [stage, other] = [newStage(), newStage()];
      await subject.register({ stage, service: 'users', target: url('users') });
      const { revision } = await load(stage);
      await subject.register({ stage: other, service: 'users', target: url('users') });
      expect((await load(stage)).revision).toBe(revision);
    });

    test('an endpoint that was removed is gone, and can be registered again', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('one') });
      await subject.deregister(stage, 'users');
      expect((await load(stage)).endpoints).toEqual([]);
      await subject.register({ stage, service: 'users', target: url('two') });
      expect((await load(stage)).endpoints).toMatchObject([{ service: 'users', target: url('two') }]);
    });

    test('with services it answers at least those, and the revision is the stage\u2019s', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      await subject.register({ stage, service: 'orders', target: url('orders') });
      const { revision, endpoints } = await load(stage, { services: ['users'] });
      expect(endpoints.map(({ service }) => service)).toContain('users');
      expect(revision).toBe((await load(stage)).revision);
      await expect(load(stage, { services: ['nobody'] })).resolves.toBeDefined();
    });

    test('concurrent loads all get the same answer', async () => {
      const stage = newStage();
      await subject.register({ stage, service: 'users', target: url('users') });
      const answers = await Promise.all(Array.from({ length: 5 }, () => load(stage)));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    });

    test('a load that was aborted before it began rejects with the reason', async () => {
      const reason = new Error('changed my mind');
      await expect(subject.source.load({ stage: newStage(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    test('a load that is aborted while it waits rejects with the reason, and the next one succeeds', async () => {
      const stage = newStage();
      const release = subject.holdNextLoad();
      const controller = new AbortController();
      const reason = new Error('changed my mind');
      const loading = subject.source.load({ stage, signal: controller.signal });
      const outcome = expect(loading).rejects.toBe(reason);
      controller.abort(reason);
      await outcome;
      release();
      await expect(load(stage)).resolves.toMatchObject({ endpoints: [] });
    });

    test('when what is behind it is down it rejects with RegistryUnavailable that names the stage', async () => {
      await subject.breakDown();
      const stage = newStage();
      const error = await subject.source.load({ stage, signal }).catch((caught: unknown) => caught);
      expect(isDiscoveryError(error)).toBe(true);
      expect(error).toMatchObject({ code: 'RegistryUnavailable', retryable: true });
      expect((error as Error).message).toContain(stage);
    });
  });
}
