import type { RegistryAccess } from '@amplify-discovery/local';
import { registrySource } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import type { CommandContext } from '../terminal/command-context.ts';
import { authorizePost } from './authorize-post.ts';
import type { Connection } from './connect-registry.ts';

/** A connection to a registry that this program runs itself. */
export function connectLocal(
  { url, region, apiKey, credentials }: RegistryAccess,
  { fetch, signal, now }: CommandContext,
): Connection {
  const transport = sigv4Transport({ url, region, credentials, fetch });
  return {
    settings: { url, region, apiKey, credentials, origin: 'discovery dev' },
    transport,
    isSigned: true,
    findSigned: () => Promise.resolve(transport),
    source: registrySource({ transport, name: url }),
    authorize: (address, body) => authorizePost(address, body, { signing: { region, credentials }, apiKey, now }),
    operation: { signal, name: url },
  };
}
