export { authorizeRequest, type AuthorizeOptions, type ServiceAuth } from './signing/authorize-request.ts';
export { assumeRole, type AssumeRoleOptions } from './signing/assume-role.ts';
export type { AwsCredentials } from './signing/aws-credentials.ts';
export { credentialsFromEnvironment } from './signing/credentials-from-environment.ts';
export { describeTarget, type TargetDescription } from './apis/describe-target.ts';
export { findAwsDomain } from './apis/find-aws-domain.ts';
export {
  planApiAddress,
  type ApiAddress,
  type ApiAddressOptions,
  type ResourceDescription,
} from './apis/plan-api-address.ts';
export {
  createKeyClient,
  nameKey,
  type ApiKey,
  type KeyClient,
  type KeyClientOptions,
} from './appsync/create-key-client.ts';
export { signRequest } from './signing/sign-request.ts';
export { signingFetch, type SigningFetchOptions } from './signing/signing-fetch.ts';
