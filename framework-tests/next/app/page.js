import { Suspense } from 'react';
import { get } from 'amplify-discovery/api';
import { Orders } from './orders';
import { discovery } from '../lib/discovery';

async function Users() {
  const { body } = await get(discovery.context(), { apiName: 'user-management-service', path: '/users' }).response;
  return <p id="users">{(await body.json()).join(', ')}</p>;
}

export default function Page() {
  return (
    <main>
      <Suspense fallback={<p>Loading …</p>}>
        <Users />
      </Suspense>
      <Orders />
    </main>
  );
}
