import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { findService } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { startCloudFormation, type Lambda, type Stack } from '@amplify-discovery/test-rig/cloudformation';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { histories, services, startHistory, type Step } from './history.ts';
import { createInProcessLambda } from './in-process-lambda.ts';
import { createModelRegistry, type ModelRecord } from './model-registry.ts';

/** What the stacks that exist say: one record for each. */
function readStacks(stacks: readonly (Stack | undefined)[]): Map<string, ModelRecord> {
  const entries = stacks.flatMap((stack) =>
    [...(stack?.resources ?? [])].map(([name, { properties }]) => {
      const record = { owner: `${stack?.id}#${name}`, target: String(properties.Target) };
      return [`${String(properties.Stage)}/${String(properties.Service)}/default`, record] as const;
    }),
  );
  return new Map(entries);
}

interface Played {
  readonly stacks: readonly (Stack | undefined)[];
  readonly table: ReadonlyMap<string, ModelRecord>;
}

/** Plays the history and compares the table with what was meant after each step. */
async function play(
  steps: readonly Step[],
  { lambda, readTable, stage }: { lambda: Lambda; readTable: () => Promise<Map<string, ModelRecord>>; stage: string },
): Promise<Played> {
  const cloudFormation = await startCloudFormation({ lambda });
  const history = startHistory(cloudFormation, stage);
  try {
    for (const step of steps) {
      await history.run(step);
      expect(await readTable()).toEqual(history.expectation.table);
    }
    return { stacks: history.stacks, table: await readTable() };
  } finally {
    await cloudFormation.stop();
  }
}

function playWithModel(steps: readonly Step[]): Promise<Played> {
  const model = createModelRegistry();
  const lambda = createInProcessLambda({ registry: 'https://registry.example/graphql', fetchRegistry: model.fetch });
  return play(steps, { lambda, readTable: async () => model.table(), stage: 'dev' });
}

describe('after any history of several stacks', () => {
  test('the table is what the events meant in the order in which they were sent, whatever is delivered again', async () => {
    const property = fc.asyncProperty(histories({ takeovers: true, maxLength: 14 }), async (steps) => {
      await playWithModel(steps);
    });
    await expect(fc.assert(property, { numRuns: scaleRuns(20) })).resolves.toBeUndefined();
  });

  test('without takeovers the table is exactly what the stacks that exist say', async () => {
    const property = fc.asyncProperty(histories({ takeovers: false, maxLength: 14 }), async (steps) => {
      const { stacks, table } = await playWithModel(steps);
      expect(table).toEqual(readStacks(stacks));
      for (const stack of stacks) expect(stack?.status ?? '').not.toMatch(/FAILED/);
    });
    await expect(fc.assert(property, { numRuns: scaleRuns(20) })).resolves.toBeUndefined();
  });
});

describe('after any history, in the real table', () => {
  let registry: LocalRegistry;
  let runs = 0;
  beforeAll(async () => {
    registry = await startLocalRegistry({ region: 'eu-west-1' });
  });
  afterAll(() => registry.stop());

  test('the records are what the events meant in the order in which they were sent', async () => {
    const property = fc.asyncProperty(histories({ takeovers: true, maxLength: 10 }), async (steps) => {
      runs += 1;
      const stage = `run-${runs}`;
      const { url, credentials } = registry;
      const lambda = createInProcessLambda({ registry: url, fetchRegistry: fetch, credentials });
      await play(steps, { lambda, readTable: () => readTable(registry, stage), stage });
    });
    await expect(fc.assert(property, { numRuns: scaleRuns(4) })).resolves.toBeUndefined();
  });
});

async function readTable(registry: LocalRegistry, stage: string): Promise<Map<string, ModelRecord>> {
  const transport = sigv4Transport(registry);
  const found = await Promise.all(services.map((service) => findService(transport, service, { withOwner: true })));
  const records = found.flat().filter((record) => record.stage === stage);
  return new Map(
    records.map(({ service, id, owner, target }) => [`${stage}/${service}/${id}`, { owner: String(owner), target }]),
  );
}
