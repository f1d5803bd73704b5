// Loaded only when no endpoint serves a name.
export { explainMiss } from '@amplify-discovery/core';
