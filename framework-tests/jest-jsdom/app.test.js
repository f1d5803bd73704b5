import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import outputs from './amplify_outputs.json';

// jsdom has no fetch, and neither BroadcastChannel nor structuredClone nor navigator.locks.
global.fetch = globalThis.nodeFetch;

test('a page in jsdom calls two services by name', async () => {
  Amplify.configure(await discover(outputs));
  const users = await get({ apiName: 'user-management-service', path: '/users' }).response;
  const orders = await get({ apiName: 'order-service', path: '/orders' }).response;
  expect(await users.body.json()).toEqual(['Ada', 'Grace']);
  expect(await orders.body.json()).toHaveLength(2);
});

test('a discovery that failed and was caught ends nothing', async () => {
  await expect(discover({})).rejects.toMatchObject({ code: 'InvalidOptions' });
});
