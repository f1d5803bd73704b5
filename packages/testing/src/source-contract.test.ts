import { expect, test } from '@jest/globals';
import { sourceContract, type SourceContractSubject, type TestRunner } from './source-contract.ts';
import { memorySource } from '@amplify-discovery/test-rig';

const makeSubject = async (): Promise<SourceContractSubject> => {
  const source = memorySource();
  return {
    source,
    register: async (endpoint) => source.register(endpoint),
    deregister: async (stage, service, id) => source.deregister(stage, service, id),
    breakDown: async () => {
      const { DiscoveryError } = await import('@amplify-discovery/core');
      source.failWith((stage: string) => new DiscoveryError('RegistryUnavailable', `Snapshot of "${stage}": down`));
    },
    holdNextLoad: () => source.hold(),
  };
};

/** Runs what is declared, and gives the names of the tests that fail. */
async function findFailures(change: (subject: SourceContractSubject) => SourceContractSubject): Promise<string[]> {
  const tests: [string, () => unknown][] = [];
  const before: (() => Promise<void>)[] = [];
  const runner: TestRunner = {
    describe: (_, declare) => declare(),
    test: (name, run) => tests.push([name, run]),
    beforeAll: (run) => before.push(run),
    afterAll: () => {},
  };
  sourceContract('source', async () => change(await makeSubject()), runner);
  for (const run of before) await run();
  const failures: string[] = [];
  for (const [name, run] of tests) {
    try {
      await run();
    } catch {
      failures.push(name);
    }
  }
  return failures;
}

test('a source that keeps it passes with any runner', async () => {
  expect(await findFailures((subject) => subject)).toEqual([]);
});

const changed = (
  subject: SourceContractSubject,
  change: (load: SourceContractSubject['source']['load']) => SourceContractSubject['source']['load'],
): SourceContractSubject => ({
  ...subject,
  source: { name: subject.source.name, load: change(subject.source.load.bind(subject.source)) },
});

test.each([
  [
    'the known revision is answered with unchanged and that revision',
    (load: SourceContractSubject['source']['load']) => (request: Parameters<typeof load>[0]) =>
      load({ ...request, knownRevision: undefined }),
  ],
  [
    'a snapshot holds every endpoint of its stage and none of another',
    (load: SourceContractSubject['source']['load']) => async (request: Parameters<typeof load>[0]) => {
      const answer = await load(request);
      return answer.unchanged ? answer : { ...answer, endpoints: answer.endpoints.slice(0, 2) };
    },
  ],
  [
    'a load that was aborted before it began rejects with the reason',
    (load: SourceContractSubject['source']['load']) => (request: Parameters<typeof load>[0]) =>
      load(request.signal.aborted ? { ...request, signal: new AbortController().signal } : request),
  ],
  [
    'when what is behind it is down it rejects with RegistryUnavailable that names the stage',
    (load: SourceContractSubject['source']['load']) => (request: Parameters<typeof load>[0]) =>
      load(request).catch((error: unknown) => Promise.reject(request.signal.aborted ? error : new Error('down'))),
  ],
])('a source that breaks a rule fails the test that names it: %s', async (name, change) => {
  expect(await findFailures((subject) => changed(subject, change))).toContain(name);
});
