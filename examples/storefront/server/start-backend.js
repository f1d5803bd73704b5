import { createServer } from 'node:http';

/** What each service answers under its one path. */
const answers = {
  'user-management-service': {
    path: '/users',
    body: () => [
      { id: 'u-1', name: 'Ada', role: 'admin' },
      { id: 'u-2', name: 'Grace', role: 'editor' },
      { id: 'u-3', name: 'Linus', role: 'viewer' },
    ],
  },
  'order-service': {
    path: '/orders',
    body: (stage) =>
      stage === 'Production'
        ? [
            { id: 'o-1042', item: 'Espresso machine', total: 249 },
            { id: 'o-1043', item: 'Burr grinder', total: 129 },
          ]
        : [{ id: 'o-test-1', item: 'Test order', total: 1 }],
  },
};

/**
 * Starts one HTTP backend on a free port of 127.0.0.1 and registers it; `move` restarts it on another port, `fail` and `recover`
 * play an outage, `stop` de-registers it.
 *
 * @param {{ register(endpoint: object): Promise<void>, deregister(endpoint: object): Promise<void> }} registrar
 * @param {{ service: string, stage: string, id: string, priority: number }} endpoint
 */
export async function startBackend(registrar, { service, stage, id, priority }) {
  const { path, body } = answers[service];
  let server = await listen();
  let { port } = server.address();
  let isUp = true;
  await registrar.register(record());

  function listen(port = 0) {
    return new Promise((resolve, reject) => {
      const next = createServer((request, response) => {
        const cors = {
          'access-control-allow-origin': '*',
          'access-control-allow-headers': '*',
          'cache-control': 'no-store',
        };
        if (request.method === 'OPTIONS') return response.writeHead(204, cors).end();
        const isKnown = new URL(request.url, 'http://localhost').pathname === path;
        response.writeHead(isKnown ? 200 : 404, { ...cors, 'content-type': 'application/json' });
        response.end(JSON.stringify(isKnown ? { service, stage, items: body(stage) } : { error: 'no such path' }));
      });
      next.once('error', reject);
      next.listen(port, '127.0.0.1', () => resolve(next));
    });
  }

  function record() {
    return {
      stage,
      service,
      id,
      priority,
      kind: 'http',
      target: `http://127.0.0.1:${port}`,
      owner: `storefront-example#${service}/${id}`,
    };
  }

  function close() {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  }

  return {
    service,
    stage,
    id,
    path,
    get port() {
      return port;
    },
    get isUp() {
      return isUp;
    },
    /** A redeploy, as seen from outside: another host, the old one gone. */
    async move() {
      const next = await listen();
      await close();
      server = next;
      ({ port } = server.address());
      isUp = true;
      await registrar.register(record());
    },
    /** An outage: nothing answers there any more, and the registry is not told. */
    async fail() {
      await close();
      isUp = false;
    },
    /** The end of the outage, at the same address. */
    async recover() {
      server = await listen(port);
      isUp = true;
    },
    async stop() {
      await registrar.deregister(record()).catch(() => {});
      await close();
    },
  };
}
