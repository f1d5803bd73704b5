import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import outputs from '../amplify_outputs.json';

// The page is there at once; calls wait for discovery by themselves.
discover(outputs).then((config) => Amplify.configure(config), console.error);

async function load(apiName, path) {
  const { body } = await get({ apiName, path }).response;
  return body.json();
}

function useService(apiName, path) {
  const [found, setFound] = useState();
  useEffect(() => {
    load(apiName, path).then(setFound, (error) => setFound([String(error)]));
  }, [apiName, path]);
  return found;
}

function App() {
  const users = useService('user-management-service', '/users');
  const orders = useService('order-service', '/orders');
  return (
    <main>
      <p id="users">{users ? users.join(', ') : 'Loading …'}</p>
      <p id="orders">{orders ? `${orders.length} orders` : 'Loading …'}</p>
    </main>
  );
}

createRoot(document.getElementById('root')).render(<App />);
