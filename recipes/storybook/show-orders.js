import { get } from 'amplify-discovery/api';

/** Shows the customer's orders in the element. */
export async function showOrders(element) {
  element.textContent = 'Loading …';
  try {
    const { body } = await get({ apiName: 'orders', path: '/v1/orders' }).response;
    const orders = await body.json();
    element.textContent = `${orders.length} orders`;
  } catch (error) {
    element.textContent = `No orders: ${error.name}`;
  }
}
