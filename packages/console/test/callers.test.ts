import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFetchListener } from '@amplify-discovery/local';
import { callerContract } from '@amplify-discovery/test-rig/caller-contract';
import { createConsoleHandler } from '../src/index.ts';

// By the handler's own check: `startLocalServer` would refuse them before it.
callerContract('the console', async () => {
  const page = { type: 'text/html', bytes: new ArrayBuffer(0) };
  const backend = { readOverview: () => Promise.reject(new Error('not asked')), async *watch() {} };
  const { handle } = createConsoleHandler({ backend, files: new Map([['/index.html', page]]) });
  const listener = createFetchListener(handle);
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
});
