export { authorizeRequest, type AuthorizeOptions, type ServiceAuth } from './authorize-request.ts';
export type { AwsCredentials } from './aws-credentials.ts';
export { credentialsFromEnvironment } from './credentials-from-environment.ts';
export { describeTarget, type TargetDescription } from './describe-target.ts';
export { findAwsDomain } from './find-aws-domain.ts';
export {
  planApiAddress,
  type ApiAddress,
  type ApiAddressOptions,
  type ResourceDescription,
} from './plan-api-address.ts';
export { signingFetch, type SigningFetchOptions } from './signing-fetch.ts';
export { createSigningClock, type SigningClock } from './signing-clock.ts';
