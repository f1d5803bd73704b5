export { startLocalRegistry, type LocalRegistry, type LocalRegistryOptions } from './start-local-registry.ts';
