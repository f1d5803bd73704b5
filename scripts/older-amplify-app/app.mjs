import { Amplify } from 'aws-amplify';
import { get } from 'aws-amplify/api';
import { discover } from 'amplify-discovery';

/** An app with Amplify's own `get`, by service name. */
export async function listUsers(outputs) {
  Amplify.configure(await discover(outputs));
  const { body } = await get({ apiName: 'user-management-service', path: '/users' }).response;
  return body.json();
}
