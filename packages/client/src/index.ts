export {
  DiscoveryError,
  isDiscoveryError,
  versionRange,
  type DiscoveryConfig,
  type RegistryAuth,
  type RegistryConfig,
  type SnapshotConfig,
  type DiscoveryErrorCode,
  type DiscoveryEvent,
  type Endpoint,
  type FreshnessOptions,
  type Resolution,
  type Resolver,
  type SelectionCriteria,
  type Source,
  type SourceAnswer,
  type SourceRequest,
  type VersionRange,
} from '@amplify-discovery/core';
export { createDiscovery } from './create-discovery.ts';
export type { Discovery, DiscoveryOptions, ServiceOptions } from './discovery.ts';
export { discover } from './discover.ts';
export { getDiscovery } from './get-discovery.ts';
export { graphqlClientOptions, type GraphqlAuth } from './graphql-client-options.ts';
export type { InspectedEndpoint } from './inspect-endpoints.ts';
export type { TabScope } from './join-tabs.ts';
export type { DiscoveredServices, ServiceName } from './service-name.ts';
