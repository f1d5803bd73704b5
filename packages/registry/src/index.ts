export { apiKeyTransport, type ApiKeyTransportOptions } from './api-key-transport.ts';
export { chooseKeyExpiry } from './choose-key-expiry.ts';
export { describeReaders } from './describe-readers.ts';
export { findFetchFailure } from './find-fetch-failure.ts';
export type { GraphqlRequest, GraphqlResponse, GraphqlTransport } from './graphql-transport.ts';
export { httpTransport, type HttpTransportOptions } from './http-transport.ts';
export { matchPattern } from './match-pattern.ts';
export { registrySource, type RegistrySourceOptions } from './registry-source.ts';
export {
  isRegistryName,
  nameRegistryParameter,
  registryNamePattern,
  type RegistryParameter,
} from './published-registry.ts';
