// What `discover` and the first call load, in one piece: one request for the browser, whichever comes first.
export { DiscoveryError } from '@amplify-discovery/core';
export { callService } from './call-service.ts';
export { prepareDiscovery } from './prepare-discovery.ts';
