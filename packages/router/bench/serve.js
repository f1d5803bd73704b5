import { createRequire } from 'node:module';
import { Agent, createServer } from 'node:http';
import { resolve } from 'node:path';
import { createResolver } from '@amplify-discovery/core';
import { createRouterServer } from '@amplify-discovery/router';

/**
 * `node serve.js backend`, or `node serve.js router|http-proxy|fastify URL FOLDER`: serves on a free port and sends it to its
 * parent, and afterwards what it has used so far, whenever it is asked.
 */
const [role, target, peers] = process.argv.slice(2);

const large = Buffer.alloc(1024 * 1024, 'x');
const small = Buffer.alloc(1024, 'x');

/** Small answers, one of 100 MB, and uploads that it takes in only after a moment, so that they are on their way at once. */
function createBackend() {
  return createServer((request, response) => {
    if (request.method === 'POST') {
      setTimeout(() => request.resume().on('end', () => response.end('taken')), 300);
    } else if (request.url.endsWith('/large')) {
      response.writeHead(200, { 'content-length': 100 * large.length });
      let left = 100;
      const write = () => {
        while (left > 0) {
          left -= 1;
          if (left === 0) response.end(large);
          else if (!response.write(large)) return void response.once('drain', write);
        }
      };
      write();
    } else {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': small.length });
      response.end(small);
    }
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

function createHttpProxy() {
  const proxy = createRequire(resolve(peers, 'x.js'))('http-proxy').createProxyServer({
    target,
    xfwd: true,
    agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  });
  return createServer((request, response) => {
    request.url = request.url.slice('/orders'.length);
    proxy.web(request, response, {}, () => response.destroy());
  });
}

async function createFastify() {
  const requirePeer = createRequire(resolve(peers, 'x.js'));
  const fastify = requirePeer('fastify')({ bodyLimit: 16 * 1024 * 1024 });
  fastify.register(requirePeer('@fastify/http-proxy'), { upstream: target, prefix: '/orders' });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  return fastify.server;
}

const roles = { backend: createBackend, router: createRouter, 'http-proxy': createHttpProxy, fastify: createFastify };
const server = await roles[role]();
const sendPort = () => process.send({ port: server.address().port });
if (server.listening) sendPort();
else server.listen(0, '127.0.0.1', sendPort);
process.on('message', () =>
  process.send({ cpu: process.cpuUsage(), peakBytes: process.resourceUsage().maxRSS * 1024 }),
);
// A bench that was broken off leaves nothing running.
process.on('disconnect', () => process.exit());
