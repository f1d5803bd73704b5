import { DiscoveryError } from '@amplify-discovery/core';
import { memorySource } from './memory-source.ts';
import { sourceContract } from '@amplify-discovery/testing/source-contract';

sourceContract('the in-memory source', async () => {
  const source = memorySource();
  return {
    source,
    register: async (endpoint) => source.register(endpoint),
    deregister: async (stage, service, id) => source.deregister(stage, service, id),
    holdNextLoad: () => source.hold(),
    breakDown: async () => {
      source.failWith(
        (stage: string) => new DiscoveryError('RegistryUnavailable', `Snapshot of "${stage}" from memory: down`),
      );
    },
  };
});
