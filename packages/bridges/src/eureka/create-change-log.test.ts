import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import fc from 'fast-check';
import { groupApplications, hashApplications, type EurekaInstance } from './applications.ts';
import { createChangeLog } from './create-change-log.ts';
import { applyDelta, readApplications, type Instances } from './read-applications.ts';
import { renderInstance } from './render-instance.ts';

const make = (service: string, version = 1): EurekaInstance =>
  renderInstance(parseEndpoint({ service, target: `https://v${version}.example.com` }, 'dev'), false);

/** As a client has it from an answer. */
const read = (instances: readonly EurekaInstance[], hashed = instances) =>
  readApplications({
    applications: { apps__hashcode: hashApplications(hashed), application: groupApplications(instances) },
  });

describe('the changes of the last minutes', () => {
  test('are not known before three minutes have been observed', () => {
    let time = 5;
    const log = createChangeLog(() => time);
    expect(log.list()).toBeUndefined();
    log.observe('a', [make('users')]);
    time += 179_999;
    expect(log.list()).toBeUndefined();
    time += 1;
    expect(log.list()).toEqual([]);
  });

  test('have each instance once, as it is now or was at last, and are forgotten after three minutes', () => {
    let time = 0;
    const log = createChangeLog(() => time);
    log.observe('a', [make('users'), make('orders')]);
    time = 180_000;
    log.observe('b', [make('users', 2), make('billing')]);
    log.observe('c', [make('users', 3), make('billing')]);
    const actions = () => log.list()?.map(({ app, hostName, actionType }) => `${app} ${hostName} ${actionType}`);
    expect(actions()?.sort()).toEqual([
      'BILLING v1.example.com ADDED',
      'ORDERS v1.example.com DELETED',
      'USERS v3.example.com MODIFIED',
    ]);
    expect(log.version()).toBe(3);
    time += 180_001;
    expect(actions()).toEqual([]);
  });

  test('bring every client that asks at least every three minutes to what there is, over any history', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 100_000 }),
      state: fc.uniqueArray(
        fc.record({ service: fc.constantFrom('a', 'b', 'c', 'd'), version: fc.constantFrom(1, 2) }),
        {
          selector: ({ service }) => service,
        },
      ),
      asks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 30 }), (steps) => {
        let time = 0;
        const log = createChangeLog(() => time);
        let client: { readonly instances: Instances; readonly at: number } | undefined;
        for (const [index, { afterMs, state, asks }] of steps.entries()) {
          time += afterMs;
          const present = state.map(({ service, version }) => make(service, version));
          log.observe(String(index), present);
          if (!asks) continue;
          const changes = client && time - client.at < 180_000 ? log.list() : undefined;
          const delta = changes && read(changes, present);
          const all = read(present)?.instances as Instances;
          // Every delta adds up: the client's own check, which counts, would pass over a change that is left out.
          const next = client && delta ? applyDelta(client.instances, delta) : all;
          const places = (instances: Instances | undefined) =>
            [...(instances ?? [])].map(([key, { hostName }]) => `${key} ${String(hostName)}`).sort();
          expect(places(next)).toEqual(places(all));
          client = { instances: next as Instances, at: time };
        }
      }),
      { numRuns: 1000 },
    );
  });
});
