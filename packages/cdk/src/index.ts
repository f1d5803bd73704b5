export type { RegistryAuth, SnapshotConfig, TrustedKey } from '@amplify-discovery/core';
export { DiscoveryAlarms } from './alarms/discovery-alarms.ts';
export type { DiscoveryAlarmsProps, StreamConsumer } from './alarms/discovery-alarms-props.ts';
export type { AlarmRule, DiscoveryAlarmName } from './alarms/plan-alarms.ts';
export { defineDiscovery, type Discovery } from './gen2/define-discovery.ts';
export type { DefineDiscoveryOptions } from './gen2/define-discovery-options.ts';
export type { AmplifyAuthResources, AmplifyBackend } from './gen2/gen2-backend.ts';
export {
  describeDiscovery,
  type DiscoveryDescription,
  type DiscoveryDescriptionOptions,
} from './app/describe-discovery.ts';
export type { ApiKeyOptions } from './api-keys/api-key-options.ts';
export { KeyRenewal } from './api-keys/key-renewal.ts';
export { AuditLog } from './audit-log/audit-log.ts';
export type { AuditLogProps } from './audit-log/audit-log-props.ts';
export type { BridgeProps } from './bridge-function/bridge-props.ts';
export { CloudMapBridge } from './cloud-map-bridge/cloud-map-bridge.ts';
export type { CloudMapBridgeProps } from './cloud-map-bridge/cloud-map-bridge-props.ts';
export { DnsBridge } from './dns-bridge/dns-bridge.ts';
export type { DnsBridgeProps } from './dns-bridge/dns-bridge-props.ts';
export { DiscoveryConsole } from './discovery-console/discovery-console.ts';
export type { DiscoveryConsoleProps } from './discovery-console/discovery-console-props.ts';
export { DiscoveryRouter } from './discovery-router/discovery-router.ts';
export type {
  DiscoveryRouterProps,
  RouterIamAuth,
  RouterServiceAuth,
  RouterStageRule,
} from './discovery-router/discovery-router-props.ts';
export { EdgeRouter } from './edge-router/edge-router.ts';
export type { EdgeRouterProps } from './edge-router/edge-router-props.ts';
export { DiscoveryOrganization, type DiscoveryOrganizationProps } from './organization/discovery-organization.ts';
export { OrganizationRegistry, type OrganizationMembership } from './organization/organization-registry.ts';
export type { RateLimitOptions } from './rate-limit/rate-limit.ts';
export { SnapshotReplica, type SnapshotReplicaProps } from './organization/snapshot-replica.ts';
export { Registrar, type RegistrationGrant, type RegistrationGrantOptions } from './registrar/registrar.ts';
export type { RegistrarProps } from './registrar/registrar-props.ts';
export type {
  RegistrableApi,
  WebFunctionEndpointLike,
  WebFunctionLike,
} from './service-registration/api-description.ts';
export { RegistryBridge } from './registry-bridge/registry-bridge.ts';
export type { RegistryBridgeProps } from './registry-bridge/registry-bridge-props.ts';
export { RegistryBridgeRole, type RegistryBridgeRoleProps } from './registry-bridge/registry-bridge-role.ts';
export { ServiceRegistration } from './service-registration/service-registration.ts';
export type { EndpointOptions, ServiceRegistrationProps } from './service-registration/service-registration-props.ts';
export type { ServiceRegistryAttributes } from './service-registry/imported-registry.ts';
export type { ServiceRegistryLookup } from './service-registry/look-up-registry.ts';
export type { RegistryReference, RegistryTableReference } from './service-registry/registry-reference.ts';
export type { IServiceRegistry } from './service-registry/registry-interface.ts';
export type { ExistingRegistryApi } from './service-registry/registry-api.ts';
export type { RegistryDomain } from './service-registry/registry-domain.ts';
export { ServiceRegistry } from './service-registry/service-registry.ts';
export type { ServiceRegistryProps } from './service-registry/service-registry-props.ts';
export { SnapshotPublisher } from './snapshot-publisher/snapshot-publisher.ts';
export type { SnapshotCatalogProps, SnapshotPublisherProps } from './snapshot-publisher/snapshot-publisher-props.ts';
export { StageAnnouncer } from './stage-announcer/stage-announcer.ts';
export type { StageAnnouncerProps } from './stage-announcer/stage-announcer-props.ts';
export { findStageName } from './stage/find-stage-name.ts';
export { getStage } from './stage/get-stage.ts';
export type { DiscoveryFunctionOptions } from './synthesis/discovery-function.ts';
export type { DistributionOptions } from './synthesis/distribution-options.ts';
