import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isDiscoveryError } from '@amplify-discovery/core';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import {
  deregisterEndpoint,
  findService,
  registerEndpoint,
  retryConcurrentChange,
  type EndpointChange,
} from '@amplify-discovery/registry/operations';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { openRegistry, type OpenRegistry } from '../src/open-registry.ts';
import { directTransport } from './direct-transport.ts';

let registry: OpenRegistry;
let transport: GraphqlTransport;
let stageNumber = 0;

beforeAll(async () => {
  registry = await openRegistry();
  transport = directTransport(registry, 'iam');
});
afterAll(() => registry.close());

const signal = new AbortController().signal;
const services = ['users', 'orders'];
const readSnapshot = async (stage: string, knownRevision?: string) => {
  const source = registrySource({ transport: directTransport(registry, 'apiKey') });
  return source.load({ stage, signal, knownRevision });
};

/** What one writer does in a round; all writers of a round start together. */
const step = fc.record({
  service: fc.constantFrom(...services),
  action: fc.constantFrom('register', 'register', 'deregister', 'takeover'),
  owner: fc.constantFrom('stack-1', 'stack-2'),
});
const rounds = fc.array(fc.array(step, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 });

/** The records of the stage as deployers see them, by service. */
async function readRecords(stage: string): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(services.map((service) => findService(transport, service, { withOwner: true })));
  return new Map(
    found
      .flat()
      .filter((record) => record.stage === stage)
      .map((record) => [record.service, record.token as string]),
  );
}

function sumTokens(tokens: Iterable<string>): string {
  let [sumA, sumB] = [0n, 0n];
  for (const token of tokens) {
    const [limbA, limbB] = token.split('.').map(BigInt) as [bigint, bigint];
    sumA = (sumA + limbA) % 2n ** 48n;
    sumB = (sumB + limbB) % 2n ** 48n;
  }
  return `${sumA}.${sumB}`;
}

test('two or more writers at once never lose a write or a revision change', async () => {
  let collisions = 0;
  await fc.assert(
    fc.asyncProperty(rounds, async (plan) => {
      const stage = `writers-${++stageNumber}`;
      const done = new Map<string, EndpointChange[]>(services.map((service) => [service, []]));
      const setOfRevision = new Map<string, string>();
      let writes = 0;

      const perform = async ({ service, action, owner }: { service: string; action: string; owner: string }) => {
        const key = { stage, service, owner };
        try {
          const change =
            action === 'deregister'
              ? await deregisterEndpoint(transport, key)
              : await registerEndpoint(transport, {
                  ...key,
                  kind: 'rest',
                  target: `https://${service}-${++writes}.example.com`,
                  takeover: action === 'takeover',
                });
          if (change.change !== 'unchanged') done.get(service)?.push(change);
        } catch (error) {
          if (!isDiscoveryError(error) || !['ConcurrentChange', 'RegistrationConflict'].includes(error.code))
            throw error;
          if (error.code === 'ConcurrentChange') collisions++;
        }
      };

      for (const round of plan) {
        await Promise.all(round.map(perform));

        const records = await readRecords(stage);
        const snapshot = await readSnapshot(stage);
        // The revision is the sum of exactly the records that are there.
        expect(snapshot.revision).toBe(sumTokens(records.values()));
        for (const service of services) {
          const changes = done.get(service) ?? [];
          const count = (kind: string) => changes.filter(({ change }) => change === kind).length;
          const token = records.get(service);
          // Registered and deregistered take turns: two of one kind in a row mean that a write was overwritten unseen.
          expect(count('registered') - count('deregistered')).toBe(token === undefined ? 0 : 1);
          if (token !== undefined) expect(changes.map(({ endpoint }) => endpoint?.token)).toContain(token);
        }
        // Equal revisions mean equal records and the other way round, over all rounds.
        const records_ = JSON.stringify([...records].sort());
        expect(setOfRevision.get(snapshot.revision) ?? records_).toBe(records_);
        setOfRevision.set(snapshot.revision, records_);
        expect(new Set(setOfRevision.values()).size).toBe(setOfRevision.size);
        for (const [revision, earlier] of setOfRevision) {
          expect((await readSnapshot(stage, revision)).unchanged ?? false).toBe(earlier === records_);
        }
      }
    }),
    { numRuns: scaleRuns(5) },
  );
  // Otherwise the writers never overlapped, and this test proves nothing.
  expect(collisions).toBeGreaterThan(0);
}, 120_000);

test('writers that retry after ConcurrentChange all succeed', async () => {
  const stage = `writers-${++stageNumber}`;
  const changes = await Promise.all(
    Array.from({ length: 6 }, (_, number) =>
      retryConcurrentChange(
        () =>
          registerEndpoint(transport, {
            stage,
            service: 'users',
            kind: 'rest',
            target: `https://users-${number}.example.com`,
            owner: 'stack-1',
          }),
        { attempts: 20, sleep: () => Promise.resolve() },
      ),
    ),
  );
  expect(changes.map(({ change }) => change).sort()).toEqual(['registered', ...Array<string>(5).fill('updated')]);
});

test('exactly one of many owners that race for a free key gets it', async () => {
  const stage = `writers-${++stageNumber}`;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, (_, number) =>
      registerEndpoint(transport, {
        stage,
        service: 'users',
        kind: 'rest',
        target: 'https://a.example.com',
        owner: `stack-${number}`,
      }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
