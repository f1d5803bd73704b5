import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { failingTransport, sourceContract } from '@amplify-discovery/test-rig';
import { startLocalRegistry } from '../src/index.ts';

sourceContract('the registry source over a local registry', async () => {
  const registry = await startLocalRegistry();
  const writer = sigv4Transport(registry);
  const { transport, failNext } = failingTransport(apiKeyTransport(registry));
  return {
    source: registrySource({ transport }),
    register: async (endpoint) => {
      await registerEndpoint(writer, { kind: 'rest', owner: 'contract', ...endpoint });
    },
    deregister: async (stage, service, id) => {
      await deregisterEndpoint(writer, { stage, service, id, owner: 'contract' });
    },
    holdNextLoad: () => {
      failNext('hang');
      return () => {};
    },
    breakDown: () => registry.stop(),
    close: () => registry.stop(),
  };
});
