import { setImmediate } from 'node:timers/promises';
import {
  createResolver,
  type Resolver,
  type SnapshotStorage,
  type SourceAnswer,
  type SourceRequest,
} from '../src/index.ts';

// Run by a bare Node, which ends when a rejection has no handler: all combinations of sources and storages that fail and of
// what callers do. Prints how many failed for their callers.

async function failLate(): Promise<never> {
  await setImmediate();
  throw new Error('down');
}
const sources: readonly ((request: SourceRequest) => Promise<SourceAnswer>)[] = [
  () => Promise.reject(new Error('down')),
  failLate,
  () => Promise.reject(undefined),
  () => {
    throw new Error('broken');
  },
  async () => undefined as never,
  async () => ({ revision: 'r', endpoints: [] }),
  ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
];
const storages: readonly (SnapshotStorage | undefined)[] = [
  undefined,
  { read: async () => undefined, write: async () => {}, runExclusive: (_, task) => task() },
  { read: failLate, write: failLate, runExclusive: failLate },
  {
    read: async () => ({ revision: 'r', endpoints: [], loadedAt: Date.now() - 600_000 }),
    write: async () => {},
  },
];
const uses: readonly ((resolver: Resolver) => Promise<unknown>)[] = [
  (resolver) => resolver.resolve('users'),
  (resolver) => Promise.all([resolver.resolve('users'), resolver.resolve('orders'), resolver.refresh()]),
  (resolver) => {
    const controller = new AbortController();
    const call = resolver.resolve('users', {}, { signal: controller.signal });
    controller.abort(new Error('stop'));
    return call;
  },
  (resolver) => Promise.all([resolver.resolve('users'), setImmediate().then(() => resolver.abort(new Error('stop')))]),
  (resolver) => resolver.prefetch(),
  (resolver) => resolver.refresh(),
  (resolver) => {
    const call = resolver.prefetch();
    resolver.abort();
    return call;
  },
];

let failed = 0;
for (const load of sources) {
  for (const storage of storages) {
    for (const use of uses) {
      const resolver = createResolver({
        source: { name: 'test', load },
        stage: ['one', 'two'],
        storage,
        report() {
          throw new Error('whoever watches is broken as well');
        },
      });
      const outcome = use(resolver).catch(() => (failed += 1));
      await setImmediate();
      resolver.abort(new Error('the end'));
      await outcome;
      // A call that looked again may have started another request meanwhile.
      resolver.abort(new Error('the end'));
      await resolver.settle();
    }
  }
}
await setImmediate();
process.stdout.write(`${failed}`);
