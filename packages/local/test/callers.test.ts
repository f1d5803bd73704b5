import { callerContract } from '@amplify-discovery/test-rig/caller-contract';
import { startLocalRegistry, startLocalServer } from '../src/index.ts';

callerContract('a local server', () =>
  startLocalServer({ handlers: { '': (_request, response) => void response.end() } }),
);

callerContract('the local registry for notices', () => startLocalRegistry(), {
  path: '/graphql/realtime',
  headers: {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'graphql-ws',
  },
  answered: 101,
});
