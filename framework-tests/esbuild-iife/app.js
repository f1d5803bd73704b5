import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import outputs from './amplify_outputs.json';

// A script in one piece has no top-level await, and needs none.
discover(outputs).then((config) => Amplify.configure(config), console.error);

async function show(id, apiName, path, describe) {
  const element = document.getElementById(id);
  try {
    const { body } = await get({ apiName, path }).response;
    element.textContent = describe(await body.json());
  } catch (error) {
    element.textContent = String(error);
  }
}

void show('users', 'user-management-service', '/users', (users) => users.join(', '));
void show('orders', 'order-service', '/orders', (orders) => `${orders.length} orders`);
