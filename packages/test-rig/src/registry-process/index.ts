export {
  findMountCommand,
  startRegistryProcess,
  type RegistryProcess,
  type RegistryProcessOptions,
} from './start-registry-process.ts';
