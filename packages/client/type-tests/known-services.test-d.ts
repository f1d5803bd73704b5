import { createDiscovery, discover, getDiscovery, type ServiceName } from 'amplify-discovery';
import { get, head, post } from 'amplify-discovery/api';
import { API } from 'amplify-discovery/v5';
import type * as amplify from 'aws-amplify/api';
import { expectTypeOf } from 'expect-type';

// What `discovery typegen` writes.
declare module 'amplify-discovery' {
  interface DiscoveredServices {
    'user-management-service': true;
    'order-service': true;
  }
}

expectTypeOf<ServiceName>().toEqualTypeOf<'user-management-service' | 'order-service'>();

get({ apiName: 'user-management-service', path: '/users' });
// @ts-expect-error -- a misspelt name
get({ apiName: 'user-managment-service', path: '/users' });
post({ apiName: 'order-service', path: '/orders', options: { body: { item: 1 } }, idempotent: true });
// @ts-expect-error -- HEAD has no body, as with Amplify
head({ apiName: 'order-service', path: '/orders', options: { body: {} } });
// @ts-expect-error -- a misspelt name
void API.get('orders', '/orders');
// @ts-expect-error -- a misspelt name
void discover({}, { services: ['orders'] });
void discover({}, { services: ['order-service'], serviceOptions: { 'order-service': { authMode: 'iam' } } });
// @ts-expect-error -- a misspelt name
createDiscovery({ serviceOptions: { orders: { authMode: 'iam' } } });
// @ts-expect-error -- a misspelt name
void getDiscovery().then((discovery) => discovery.resolve('orders'));

// The operations are Amplify's own.
expectTypeOf(get).returns.toEqualTypeOf<ReturnType<typeof amplify.get>>();
expectTypeOf(head).returns.toEqualTypeOf<ReturnType<typeof amplify.head>>();
