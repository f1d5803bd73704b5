import { get } from 'amplify-discovery/api';

/** The services this app calls. Names only: where they are is the registry's business. */
export const services = [
  { name: 'user-management-service', title: 'Users', path: '/users' },
  { name: 'order-service', title: 'Orders', path: '/orders' },
] as const;

export type Service = (typeof services)[number];

/** One row of what a service answers. */
export type Item = Record<string, string | number>;

export async function fetchItems({ name, path }: Service): Promise<Item[]> {
  const { body } = await get({ apiName: name, path }).response;
  const { items } = (await body.json()) as unknown as { items: Item[] };
  return items;
}
