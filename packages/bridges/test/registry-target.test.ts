import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createRegistryTarget } from '../src/index.ts';
import { targetContract } from './target-contract.ts';

targetContract('another registry', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-target-'));
  const kept = { dataFolder: join(folder, 'data'), credentialsFile: join(folder, 'registry.json') };
  let registry = await startLocalRegistry(kept);
  const { port } = registry;
  const transport = sigv4Transport(registry);
  return {
    target: createRegistryTarget({ transport }),
    occupy: async ({ stage, service, kind, target }) => {
      await registerEndpoint(transport, { stage, service, kind, target, owner: 'theirs' });
    },
    restart: async () => {
      await registry.stop();
      registry = await startLocalRegistry({ ...kept, port });
    },
    breakDown: () => registry.stop(),
    close: async () => {
      await registry.stop();
      rmSync(folder, { recursive: true });
    },
  };
});
