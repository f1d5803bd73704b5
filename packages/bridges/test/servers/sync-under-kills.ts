import { expect } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { syncStage, type Target } from '../../src/index.ts';

const stage = 'dev';
const signal = new AbortController().signal;

/**
 * Fifty syncs of a stage that keeps changing, and its server killed and started again in the middle of every fifth. A sync may
 * fail by that, and only as unavailable; the end state has to be right.
 */
export async function syncUnderKills(target: Target, restart: () => Promise<void>): Promise<void> {
  const source = memorySource();
  const limits = { allowEmpty: true, minimumShare: 0 };
  const sync = () => syncStage({ source, target, mark: 'blue', stage, signal, sleep: async () => {}, ...limits });
  const wanted = new Set<string>();
  for (let round = 0; round < 50; round++) {
    for (let one = 0; one < 4; one++) {
      const service = `s${(round * 7 + one * 3) % 10}`;
      if (wanted.delete(service)) source.deregister(stage, service);
      else {
        wanted.add(service);
        source.register({ stage, service, target: `https://v${round}.example.com` });
      }
    }
    const [result] = await Promise.allSettled([sync(), round % 5 === 0 ? restart() : undefined]);
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'RegistryUnavailable' });
  }
  await sync();
  const { objects } = await target.list(stage, { signal });
  const own = objects.filter(({ mark }) => mark === 'blue').map(({ key }) => key);
  const keyOf = (service: string) => {
    const form = target.describe(parseEndpoint({ service, target: 'https://example.com' }, stage));
    return 'key' in form ? form.key : form.fault;
  };
  expect(own.sort()).toEqual([...wanted].map(keyOf).sort());
}
