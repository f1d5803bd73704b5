import { testDiscovery } from '@amplify-discovery/testing';
import { showOrders } from './show-orders.js';

/** The service is the folder `answers`, which Storybook serves beside the stories. */
const render = () => {
  const element = document.createElement('p');
  element.id = 'orders';
  void showOrders(element);
  return element;
};

export default { title: 'Orders' };

export const Two = {
  loaders: [() => void testDiscovery({ orders: window.location.origin })],
  render,
};

/** The registry is down. */
export const None = {
  loaders: [() => testDiscovery({ orders: window.location.origin }).fails()],
  render,
};
