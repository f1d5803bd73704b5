import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { Amplify } from 'aws-amplify';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import outputs from './amplify_outputs.json';

const { url } = outputs.custom.discovery.registry;
const record = (service, target) => ({ stage: 'dev', service, id: 'default', kind: 'rest', target, weight: 100 });

/** The registry and the services are what this test says; nothing is sent. */
const server = setupServer(
  http.post(url, () =>
    HttpResponse.json({
      data: {
        snapshot: {
          revision: '1.1',
          unchanged: false,
          nextToken: null,
          endpoints: [
            record('user-management-service', 'http://127.0.0.1:9/users-api'),
            record('order-service', 'http://127.0.0.1:9/orders-api'),
          ],
        },
      },
    }),
  ),
  http.get('http://127.0.0.1:9/users-api/users', () => HttpResponse.json(['Ada', 'Grace'])),
  http.get('http://127.0.0.1:9/orders-api/orders', () => HttpResponse.json([{ id: 1 }, { id: 2 }])),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('calls by name meet the handlers of their services', async () => {
  Amplify.configure(await discover(outputs));
  const users = await get({ apiName: 'user-management-service', path: '/users' }).response;
  const orders = await get({ apiName: 'order-service', path: '/orders' }).response;
  expect(await users.body.json()).toEqual(['Ada', 'Grace']);
  expect(await orders.body.json()).toHaveLength(2);
});
