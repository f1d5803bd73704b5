/** @jest-environment ./jsdom-with-fetch.cjs */
import { testDiscovery } from '@amplify-discovery/testing';
import { showOrders } from './show-orders.js';

const element = document.createElement('p');
beforeEach(() => {
  global.fetch = jest.fn(async () => Response.json(['one', 'two']));
});

test('the component calls the service by its name', async () => {
  const discovery = testDiscovery({ orders: 'https://orders.example.com/prod' });
  await showOrders(element);
  expect(element.textContent).toBe('2 orders');
  expect(String(fetch.mock.calls[0][0])).toBe('https://orders.example.com/prod/v1/orders');
  expect(discovery.calls('orders')).toMatchObject([{ method: 'GET', path: '/v1/orders' }]);
});

test('a registry that is down is shown, and the next call works when it is back', async () => {
  const discovery = testDiscovery({ orders: 'https://orders.example.com' });
  discovery.fails();
  await showOrders(element);
  expect(element.textContent).toContain('No orders');
  discovery.recovers();
  await showOrders(element);
  expect(element.textContent).toBe('2 orders');
});

test('a test that forgets testDiscovery fails at once, not after ten seconds', async () => {
  await showOrders(element);
  expect(element.textContent).toContain('No orders');
  expect(fetch).not.toHaveBeenCalled();
});
