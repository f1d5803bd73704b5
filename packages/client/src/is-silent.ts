// Loaded only when an endpoint is slow and there is another one.
export { isSilent } from '@amplify-discovery/core';
