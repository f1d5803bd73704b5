import { createServer } from 'node:http';
import { createResolver } from '@amplify-discovery/core';
import { createRouterServer } from '@amplify-discovery/router';

/** `node serve.js backend`, or `node serve.js router URL`: serves on a free port and tells it on its standard output. */
const [role, target] = process.argv.slice(2);

function createBackend() {
  const body = Buffer.alloc(1024, 'x');
  return createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
    response.end(body);
  });
}

function createRouter() {
  const source = {
    name: 'bench',
    load: async () => ({ revision: '1', endpoints: [{ service: 'orders', kind: 'http', target }] }),
  };
  const resolver = createResolver({ source, stage: 'bench', trustedHosts: ['127.0.0.1:*'] });
  return createRouterServer({ stage: 'bench', discovery: () => resolver });
}

const server = role === 'backend' ? createBackend() : createRouter();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
