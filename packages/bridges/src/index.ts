export type { CloudMapOptions } from './cloud-map/cloud-map-client.ts';
export { createCloudMapSource } from './cloud-map/create-cloud-map-source.ts';
export { createCloudMapTarget } from './cloud-map/create-cloud-map-target.ts';
export type { ConsulOptions } from './consul/consul-client.ts';
export { createConsulFacade } from './consul/create-consul-facade.ts';
export { createConsulSource, type ConsulSourceOptions } from './consul/create-consul-source.ts';
export { createConsulTarget, type ConsulTargetOptions } from './consul/create-consul-target.ts';
export { createDnsSource, type DnsSourceOptions } from './dns/create-dns-source.ts';
export { createDnsTarget, type DnsTargetOptions } from './dns/create-dns-target.ts';
export { createZoneFileTarget, type ZoneFileTargetOptions } from './dns/create-zone-file-target.ts';
export { createEtcdSource } from './etcd/create-etcd-source.ts';
export { createEtcdTarget } from './etcd/create-etcd-target.ts';
export type { EtcdOptions } from './etcd/etcd-client.ts';
export { createEurekaFacade } from './eureka/create-eureka-facade.ts';
export { createEurekaSource, type EurekaOptions } from './eureka/create-eureka-source.ts';
export type { BridgeStatus } from './engine/bridge-status.ts';
export { createEnvoyFacade, type EnvoyFacadeOptions } from './envoy/create-envoy-facade.ts';
export { markOrigin } from './engine/mark-origin.ts';
export {
  createBridge,
  type Bridge,
  type BridgeCallOptions,
  type BridgeOptions,
  type BridgeResult,
} from './engine/create-bridge.ts';
export { runBridge, type RunBridgeOptions } from './engine/run-bridge.ts';
export {
  planSync,
  type RemovalLimits,
  type SkippedEndpoint,
  type SyncInput,
  type SyncPlan,
  type Withheld,
} from './engine/plan-sync.ts';
export { selectServices } from './engine/select-services.ts';
export { purgeStage, syncStage, type SyncOptions, type SyncResult, type SyncWrite } from './engine/sync-stage.ts';
export type {
  PresentObject,
  StatusStore,
  StatusWriteOptions,
  Target,
  TargetCallOptions,
  TargetForm,
  TargetListing,
  TargetWriteOptions,
} from './engine/target.ts';
export type { WatchedSource } from './engine/watched-source.ts';
export { createFacade, type FacadeCall } from './facade/create-facade.ts';
export type { CreateFacade, Facade, FacadeOptions } from './facade/facade.ts';
export {
  createFacadeView,
  type FacadeSnapshot,
  type FacadeView,
  type FacadeViewOptions,
} from './facade/create-facade-view.ts';
export { createKubernetesSource } from './kubernetes/create-kubernetes-source.ts';
export { createKubernetesTarget } from './kubernetes/create-kubernetes-target.ts';
export { fetchWithCa } from './kubernetes/fetch-with-ca.ts';
export type { KubernetesOptions } from './kubernetes/kubernetes-client.ts';
export { createPrometheusFacade } from './prometheus/create-prometheus-facade.ts';
export {
  createFacadeHandler,
  type FacadeHandlerOptions,
  type FacadeResult,
} from './facade/hosts/create-facade-handler.ts';
export { requireToken } from './facade/hosts/require-token.ts';
export { createRegistryTarget, type RegistryTargetOptions } from './registry/create-registry-target.ts';
export { createRoute53Target, type Route53TargetOptions } from './route53/create-route53-target.ts';
export type { System, SystemContext, SystemFacade } from './system.ts';
export { getFacade, openSource, openTarget, systems } from './systems.ts';
export { createTraefikFacade } from './traefik/create-traefik-facade.ts';
export { createZookeeperSource } from './zookeeper/create-zookeeper-source.ts';
export { createZookeeperTarget } from './zookeeper/create-zookeeper-target.ts';
export type { ZookeeperOptions } from './zookeeper/zookeeper-client.ts';
