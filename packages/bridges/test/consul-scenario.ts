import { expect } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { createConsulSource, createConsulTarget } from '../src/index.ts';

const stage = 'dev';
const signal = new AbortController().signal;

/** A day of an empty Consul: what a recording shows of it, and the real one too. */
export async function runConsulScenario(url: string, fetch: typeof globalThis.fetch): Promise<void> {
  const target = createConsulTarget({ url, fetch });
  const source = createConsulSource({ url, fetch });
  const make = (fields: object = {}) =>
    parseEndpoint({ service: 'users', target: 'https://users.example.com/v1', ...fields }, stage);
  const put = (fields: object, mark = 'blue') => target.put(make(fields), { stage, mark, signal });
  const list = async () => (await target.list(stage, { signal })).objects;
  const contentOf = (fields: object) => ({ key: 'users/default', ...target.describe(make(fields)), mark: 'blue' });

  const empty = await source.load({ stage, signal });
  expect([await list(), empty]).toMatchObject([[], { endpoints: [] }]);

  await put({});
  expect(await list()).toEqual([contentOf({})]);
  await put({ weight: 0 });
  expect(await list()).toEqual([contentOf({ weight: 0 })]);
  await put({ weight: 7, version: '1.2.3' });
  expect(await list()).toEqual([contentOf({ weight: 7, version: '1.2.3' })]);
  await expect(put({}, 'green')).rejects.toMatchObject({ code: 'RegistrationConflict' });

  // A team announces its own.
  await fetch(`${url}/v1/catalog/register`, {
    method: 'PUT',
    body: JSON.stringify({
      Node: 'host-1',
      Address: '10.0.0.1',
      Service: {
        ID: 'orders-1',
        Service: 'orders',
        Address: 'orders.example.com',
        Port: 8443,
        Tags: ['https'],
        Meta: { stage, path: '/api', version: 'v2.0.0' },
        Weights: { Passing: 3, Warning: 1 },
      },
    }),
  });
  const found = await source.load({ stage, signal });
  expect(found).toMatchObject({
    endpoints: [{ service: 'orders', id: 'host-1.orders-1', target: 'https://orders.example.com:8443/api', weight: 3 }],
  });
  const { revision } = found;
  expect(await source.load({ stage, signal, knownRevision: revision })).toEqual({ unchanged: true, revision });

  const [copy] = await list();
  if (!copy) throw new Error('the copy has gone');
  await target.remove(copy, { stage, mark: 'green', signal });
  expect(await list()).toHaveLength(1);
  for (const _again of [1, 2]) await target.remove(copy, { stage, mark: 'blue', signal });
  expect(await list()).toEqual([]);
}
