// Loaded only when an endpoint is slow and there is another one.
export { checkSilence } from '@amplify-discovery/core';
