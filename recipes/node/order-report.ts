import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';

/** How many orders there are, for a program on a server. */
export async function countOrders(outputs: object): Promise<number> {
  await discover(outputs);
  const { body } = await get({ apiName: 'orders', path: '/v1/orders' }).response;
  return ((await body.json()) as unknown[]).length;
}
