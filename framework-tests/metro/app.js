import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import outputs from './amplify_outputs.json';

async function load(apiName, path) {
  const { body } = await get({ apiName, path }).response;
  return body.json();
}

async function main() {
  discover(outputs).then((config) => Amplify.configure(config), console.error);
  const [users, orders] = await Promise.all([
    load('user-management-service', '/users'),
    load('order-service', '/orders'),
  ]);
  console.log(`users: ${users.join(', ')}; orders: ${orders.length}`);
}

main().catch((error) => console.error(error));
