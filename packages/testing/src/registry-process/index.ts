export { startRegistryProcess, type RegistryProcess } from './start-registry-process.ts';
