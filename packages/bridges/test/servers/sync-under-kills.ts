import { expect } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { syncStage, type Target } from '../../src/index.ts';
import { createChangingStage } from './create-changing-stage.ts';

const stage = 'dev';
const signal = new AbortController().signal;

/**
 * Fifty syncs of a stage that keeps changing, and its server killed and started again in the middle of every fifth. A sync may
 * fail by that, and only as unavailable; the end state has to be right.
 */
export async function syncUnderKills(target: Target, restart: () => Promise<void>): Promise<void> {
  const { source, services, change } = createChangingStage();
  const limits = { allowEmpty: true, minimumShare: 0 };
  const sync = () => syncStage({ source, target, mark: 'blue', stage, signal, sleep: async () => {}, ...limits });
  for (let round = 0; round < 50; round++) {
    change(round);
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
  expect(own.sort()).toEqual([...services].map(keyOf).sort());
}
