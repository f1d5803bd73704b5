export { defineDiscovery, type DefineDiscoveryOptions, type Discovery } from './gen2/define-discovery.ts';
export type { RegistrableApi } from './service-registration/describe-api.ts';
export {
  describeDiscovery,
  type DiscoveryDescription,
  type DiscoveryDescriptionOptions,
} from './app/describe-discovery.ts';
export type { DistributionOptions } from './synthesis/distribution-options.ts';
export { EdgeRouter, type EdgeRouterProps } from './edge-router/edge-router.ts';
export { findStageName } from './stage/find-stage-name.ts';
export type { AmplifyAuthResources, AmplifyBackend } from './gen2/gen2-backend.ts';
export type { ServiceRegistryAttributes } from './service-registry/imported-registry.ts';
export type { ServiceRegistryLookup } from './service-registry/look-up-registry.ts';
export {
  Registrar,
  type RegistrarOptions,
  type RegistrarProps,
  type RegistrationGrant,
} from './registrar/registrar.ts';
export type { RegistryAuth } from './service-registry/registry-auth.ts';
export type { IServiceRegistry } from './service-registry/registry-reference.ts';
export {
  ServiceRegistration,
  type EndpointOptions,
  type ServiceRegistrationProps,
} from './service-registration/service-registration.ts';
export { ServiceRegistry, type ServiceRegistryProps } from './service-registry/service-registry.ts';
export type { SnapshotKey, SnapshotLocation } from './service-registry/snapshot-location.ts';
export { SnapshotPublisher, type SnapshotPublisherProps } from './snapshot-publisher/snapshot-publisher.ts';
export {
  DiscoveryRouter,
  type DiscoveryRouterProps,
  type RouterServiceAuth,
  type RouterStageRule,
} from './discovery-router/discovery-router.ts';
