// What `discover` and the first call load, in one piece: one request for the browser, whichever comes first. Nothing in it
// imports what an app has loaded at its start, so that every bundler makes one file of it.
export { DiscoveryError } from '@amplify-discovery/core';
export { callService } from './call-service.ts';
export { assembleDiscovery } from './assemble-discovery.ts';
export { getDefaultDiscovery } from './default-discovery.ts';
export { findAddress } from './prepare-call.ts';
export { markEntry } from './rest-entry.ts';
export { replaceAssembly, startDiscovery } from './start-discovery.ts';
