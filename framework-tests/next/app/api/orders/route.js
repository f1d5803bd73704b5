import { get } from 'amplify-discovery/api';
import { discovery } from '../../../lib/discovery';

export async function GET() {
  const { body } = await get(discovery.context(), { apiName: 'order-service', path: '/orders' }).response;
  return Response.json(await body.json());
}
