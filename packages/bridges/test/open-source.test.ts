import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { openSource } from '../src/index.ts';
import { callByName, callFromLambda, callThroughRouter, startBackend, type Backend } from './servers/call-by-name.ts';

let registry: LocalRegistry;
let backend: Backend;
beforeAll(async () => {
  [registry, backend] = await Promise.all([startLocalRegistry(), startBackend('from the other registry')]);
  const record = { stage: 'dev', service: 'users', kind: 'rest', target: backend.url, owner: 'test' } as const;
  await registerEndpoint(sigv4Transport(registry), record);
});
afterAll(() => Promise.all([registry.stop(), backend.stop()]));

test.each([callByName, callFromLambda, callThroughRouter])(
  '%p runs on another registry, by its reference',
  async (call) => {
    const { credentials, region, url } = registry;
    const context = { fetch, env: {}, region, findCredentials: async () => async () => credentials };
    expect(await call(await openSource(`registry:${url}`, context), 'dev', 'users')).toBe('from the other registry');
  },
);
