export { createFetchListener } from './create-fetch-listener.ts';
export type { LocalHandler } from './dispatch-requests.ts';
export {
  startLocalRegistry,
  type LocalRegistry,
  type LocalRegistryOptions,
  type RegistryAccess,
} from './start-local-registry.ts';
export { startLocalServer, type LocalServer, type LocalServerOptions } from './start-local-server.ts';
