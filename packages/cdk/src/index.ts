export { defineDiscovery, type DefineDiscoveryOptions, type Discovery } from './define-discovery.ts';
export type { RegistrableApi } from './describe-api.ts';
export {
  describeDiscovery,
  type DiscoveryDescription,
  type DiscoveryDescriptionOptions,
} from './describe-discovery.ts';
export type { DistributionOptions } from './distribution-options.ts';
export { EdgeRouter, type EdgeRouterProps } from './edge-router.ts';
export { findStageName } from './find-stage-name.ts';
export type { AmplifyAuthResources, AmplifyBackend } from './gen2-backend.ts';
export type { ServiceRegistryAttributes } from './imported-registry.ts';
export type { ServiceRegistryLookup } from './look-up-registry.ts';
export { Registrar, type RegistrarOptions, type RegistrarProps, type RegistrationGrant } from './registrar.ts';
export type { RegistryAuth } from './registry-auth.ts';
export type { IServiceRegistry } from './registry-reference.ts';
export { ServiceRegistration, type EndpointOptions, type ServiceRegistrationProps } from './service-registration.ts';
export { ServiceRegistry, type ServiceRegistryProps } from './service-registry.ts';
export type { SnapshotKey, SnapshotLocation } from './snapshot-location.ts';
export { SnapshotPublisher, type SnapshotPublisherProps } from './snapshot-publisher.ts';
export {
  DiscoveryRouter,
  type DiscoveryRouterProps,
  type RouterServiceAuth,
  type RouterStageRule,
} from './discovery-router.ts';
