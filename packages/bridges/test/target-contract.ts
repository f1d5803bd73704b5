import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isDiscoveryError, parseEndpoint, type Endpoint } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import fc from 'fast-check';
import { purgeStage, syncStage, type BridgeStatus, type Target } from '../src/index.ts';

/** A target under test with the real system behind it. Each test takes a stage of its own. */
export interface TargetContractSubject {
  readonly target: Target;
  /** Puts somebody else's object under the key that the endpoint would have, by the system's own means. */
  occupy(endpoint: Endpoint): Promise<void>;
  /** Stops the system without a warning, and starts it again with what it had. Absent where somebody else runs it. */
  restart?(): Promise<void>;
  /** From now on the system is down. Called last. */
  breakDown(): Promise<void>;
  close?(): Promise<void>;
}

export interface TargetContractOptions {
  /** Fields that the system has no place for. @default none: every field of a record arrives */
  readonly lacks?: readonly (keyof Endpoint)[];
  /** It has no place for what bridges say about themselves. @default false */
  readonly hasNoStatuses?: boolean;
  /** Nobody but AWS can restart it. @default false */
  readonly isManaged?: boolean;
  /** Of random pairs of states. @default 15 */
  readonly runs?: number;
}

/** The one contract of every {@link Target}: each implementation runs it against the real system. */
export function targetContract(
  name: string,
  makeSubject: () => Promise<TargetContractSubject>,
  { lacks = [], hasNoStatuses = false, isManaged = false, runs = 15 }: TargetContractOptions = {},
): void {
  describe(`${name} keeps the contract of a target`, () => {
    let subject: TargetContractSubject;
    let stageNumber = 0;
    const signal = new AbortController().signal;
    const newStage = () => `contract-${++stageNumber}`;
    const make = (stage: string, service: string, more: object = {}): Endpoint =>
      parseEndpoint({ service, target: `https://${service}.example.com/prod`, ...more }, stage);
    const put = (endpoint: Endpoint, mark = 'blue') =>
      subject.target.put(endpoint, { stage: endpoint.stage, mark, signal });
    const list = async (stage: string) => {
      const { objects, isComplete } = await subject.target.list(stage, { signal });
      expect(isComplete).toBe(true);
      return [...objects].sort((one, other) => (one.key < other.key ? -1 : 1));
    };
    const describeAll = (endpoints: readonly Endpoint[], mark = 'blue') =>
      endpoints
        .map((endpoint) => {
          const form = subject.target.describe(endpoint);
          if ('fault' in form) throw new Error(form.fault);
          return { ...form, mark };
        })
        .sort((one, other) => (one.key < other.key ? -1 : 1));
    const sync = async (stage: string, endpoints: readonly Endpoint[], mark = 'blue') => {
      const source = memorySource();
      for (const endpoint of endpoints) source.register({ ...endpoint });
      return syncStage({
        source,
        target: subject.target,
        mark,
        stage,
        signal,
        sleep: async () => {},
        allowEmpty: true,
        minimumShare: 0,
      });
    };

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => subject.close?.());

    test('it has a name, and an empty stage is an empty list', async () => {
      expect(subject.target.name).toMatch(/\S/);
      expect(await list(newStage())).toEqual([]);
    });

    test('what is put stands there as described, with the mark, and again changes nothing', async () => {
      const stage = newStage();
      const endpoints = [
        make(stage, 'users'),
        make(stage, 'users', { id: 'canary', weight: 5 }),
        make(stage, 'orders'),
      ];
      for (const endpoint of endpoints) await put(endpoint);
      expect(await list(stage)).toMatchObject(describeAll(endpoints));
      for (const endpoint of endpoints) await put(endpoint);
      expect(await list(stage)).toMatchObject(describeAll(endpoints));
    });

    test('every field that the system has a place for makes a difference', () => {
      const stage = newStage();
      const contentOf = (more: object) => JSON.stringify(subject.target.describe(make(stage, 'users', more)));
      const fields: Partial<Record<keyof Endpoint, unknown>> = {
        kind: 'http',
        target: 'https://other.example.com',
        version: '1.2.3',
        priority: 7,
        weight: 7,
        metadata: { team: 'a' },
      };
      for (const [field, value] of Object.entries(fields)) {
        const makesDifference = contentOf({ [field]: value }) !== contentOf({});
        expect([field, makesDifference]).toEqual([field, !lacks.includes(field as keyof Endpoint)]);
      }
    });

    test('a put replaces what the same mark has there, and a remove removes it', async () => {
      const stage = newStage();
      const [first, second] = [make(stage, 'users'), make(stage, 'users', { target: 'https://moved.example.com' })];
      await put(first);
      await put(second);
      expect(await list(stage)).toMatchObject(describeAll([second]));
      const [object] = await list(stage);
      if (!object) throw new Error('nothing is there');
      await subject.target.remove(object, { stage, mark: 'blue', signal });
      expect(await list(stage)).toEqual([]);
      await subject.target.remove(object, { stage, mark: 'blue', signal });
    });

    test('stages do not touch each other', async () => {
      const [one, other] = [newStage(), newStage()];
      await put(make(one, 'users'));
      await put(make(other, 'users'));
      const [object] = await list(one);
      if (object) await subject.target.remove(object, { stage: one, mark: 'blue', signal });
      expect([await list(one), (await list(other)).length]).toEqual([[], 1]);
    });

    test('somebody else’s object is listed without a mark, refused to be overwritten, and never removed', async () => {
      const stage = newStage();
      const theirs = make(stage, 'theirs');
      await subject.occupy(theirs);
      const [object] = await list(stage);
      expect(object?.mark).toBeUndefined();
      await expect(put({ ...theirs, target: 'https://x.example.com' })).rejects.toMatchObject({
        code: 'RegistrationConflict',
      });
      if (object) await subject.target.remove(object, { stage, mark: 'blue', signal }).catch(() => {});
      expect(await list(stage)).toEqual([object]);
      const result = await sync(stage, [theirs, make(stage, 'ours')]);
      expect([result.written, result.failed, result.skipped.length]).toEqual([1, 0, 1]);
      await purgeStage({ target: subject.target, mark: 'blue', stage, signal });
      expect(await list(stage)).toEqual([object]);
    });

    test('another bridge’s copies are nobody else’s either', async () => {
      const stage = newStage();
      await put(make(stage, 'users'), 'green');
      await expect(put(make(stage, 'users'))).rejects.toMatchObject({ code: 'RegistrationConflict' });
      const [object] = await list(stage);
      if (object) await subject.target.remove(object, { stage, mark: 'blue', signal }).catch(() => {});
      expect(await list(stage)).toMatchObject(describeAll([make(stage, 'users')], 'green'));
      await sync(stage, [make(stage, 'orders')]);
      await sync(stage, []);
      expect(await list(stage)).toMatchObject(describeAll([make(stage, 'users')], 'green'));
    });

    /** A target without them has to say so here. */
    const getStatuses = () => {
      expect(subject.target.statuses === undefined).toBe(hasNoStatuses);
      return subject.target.statuses;
    };
    const statuses = (stage: string) =>
      subject.target.statuses
        ? subject.target.statuses.list(stage, { signal }).then((all) => [...all].sort(byMark))
        : Promise.resolve([]);
    const byMark = (one: BridgeStatus, other: BridgeStatus) => (one.mark < other.mark ? -1 : 1);
    const syncedAt = Date.parse('2026-11-26T08:00:00.123Z');

    test('what bridges say about themselves stands beside the copies, one status for each mark', async () => {
      const store = getStatuses();
      if (!store) return;
      const [stage, other] = [newStage(), newStage()];
      const copy = make(stage, 'users');
      for (const endpoint of [copy, make(other, 'users')]) await put(endpoint);
      expect(await statuses(stage)).toEqual([]);
      const long = 'discovery/https://example.com:8443/a_b.c-d'.padEnd(128, 'x');
      const first = { mark: 'blue', syncedAt, withinSeconds: 10_800, program: 'test 1.2.3' };
      const second = { mark: long, syncedAt, program: 'test 1.2.3' };
      for (const status of [first, second]) await store.put(status, { stage, signal });
      expect(await statuses(stage)).toEqual([first, second]);
      const later = { ...first, syncedAt: syncedAt + 3_600_000 };
      for (const _again of [1, 2]) await store.put(later, { stage, signal });
      expect([await statuses(stage), await statuses(other)]).toEqual([[later, second], []]);
      expect(await list(stage)).toMatchObject(describeAll([copy]));
      for (const _again of [1, 2]) await store.remove('blue', { stage, signal });
      expect(await statuses(stage)).toEqual([second]);
      await store.remove(long, { stage, signal });
      expect([await statuses(stage), await list(stage)]).toMatchObject([[], describeAll([copy])]);
    });

    test('a sync leaves every status alone, and a purge removes its own', async () => {
      const store = getStatuses();
      if (!store) return;
      const stage = newStage();
      await put(make(stage, 'users'));
      const [blue, green] = ['blue', 'green'].map((mark) => ({ mark, syncedAt, program: 'test' }));
      for (const status of [blue, green]) if (status) await store.put(status, { stage, signal });
      await sync(stage, [make(stage, 'orders')]);
      expect([await list(stage), await statuses(stage)]).toMatchObject([
        describeAll([make(stage, 'orders')]),
        [blue, green],
      ]);
      await purgeStage({ target: subject.target, mark: 'blue', stage, signal });
      expect([await list(stage), await statuses(stage)]).toEqual([[], [green]]);
    });

    test('any state is reached from any other, and is then nothing to do', async () => {
      const record = fc.record({
        service: fc.constantFrom('users', 'orders', 'a.b', 'a_b', 'x-1'),
        id: fc.constantFrom('default', 'canary', 'eu-west-1'),
        kind: fc.constantFrom('rest', 'http', 'graphql'),
        target: fc.constantFrom(
          'https://one.example.com',
          'https://two.example.com:8443/a/b',
          'https://three.example.com/%C3%A4%20b',
        ),
        weight: fc.constantFrom(0, 1, 100, 1000),
        priority: fc.constantFrom(0, 1, 65_535),
        version: fc.constantFrom(undefined, '1.2.3', '2.0.0-beta.1+build.5'),
        metadata: fc.constantFrom(
          undefined,
          { team: 'a' },
          { note: 'with "quotes", commas; and ünïcode\\', 'a.b': '' },
        ),
      });
      const state = fc.uniqueArray(record, { selector: ({ service, id }) => `${service}/${id}`, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(state, state, async (before, after) => {
          const stage = newStage();
          for (const records of [before, after]) {
            const endpoints = records.map((one) => parseEndpoint(one, stage));
            expect(await sync(stage, endpoints)).toMatchObject({ failed: 0, skipped: [] });
            expect(await list(stage)).toMatchObject(describeAll(endpoints));
            expect(await sync(stage, endpoints)).toMatchObject({ written: 0, removed: 0 });
          }
        }),
        { numRuns: runs },
      );
    });

    test('a call that was aborted before it began rejects with the reason', async () => {
      const reason = new Error('changed my mind');
      const aborted = AbortSignal.abort(reason);
      const stage = newStage();
      await expect(subject.target.list(stage, { signal: aborted })).rejects.toBe(reason);
      await expect(subject.target.put(make(stage, 'users'), { stage, mark: 'blue', signal: aborted })).rejects.toBe(
        reason,
      );
    });

    const testRestart = isManaged ? () => {} : test;
    testRestart('a restart of the system loses nothing, and the bridge goes on', async () => {
      const stage = newStage();
      await sync(stage, [make(stage, 'users'), make(stage, 'orders')]);
      const before = await list(stage);
      await subject.restart?.();
      expect(await list(stage)).toEqual(before);
      await sync(stage, [make(stage, 'users')]);
      expect(await list(stage)).toMatchObject(describeAll([make(stage, 'users')]));
    });

    test('when the system is down it rejects with RegistryUnavailable that names it', async () => {
      await subject.breakDown();
      const stage = newStage();
      const calls = [() => subject.target.list(stage, { signal }), () => put(make(stage, 'users'))];
      for (const call of calls) {
        const error = await call().catch((caught: unknown) => caught);
        expect(isDiscoveryError(error)).toBe(true);
        expect(error).toMatchObject({ code: 'RegistryUnavailable', retryable: true });
        expect((error as Error).message).toContain(subject.target.name);
      }
    });
  });
}
