import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import outputs from './amplify_outputs.json';

discover(outputs).catch(console.error);

const element = document.getElementById('orders');
try {
  const { body } = await get({ apiName: 'orders', path: '/v1/orders' }).response;
  element.textContent = `${(await body.json()).length} orders`;
} catch (error) {
  element.textContent = `No orders: ${error.name}`;
}
