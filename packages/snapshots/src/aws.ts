export { credentialsFromEnvironment } from './credentials-from-environment.ts';
export { signingFetch, type SigningFetchOptions } from './signing-fetch.ts';
