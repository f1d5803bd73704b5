export { buildServiceUrl } from './build-service-url.ts';
export { checkPath } from './check-path.ts';
export {
  DiscoveryError,
  isDiscoveryError,
  type DiscoveryErrorCode,
  type DiscoveryErrorDetails,
} from './discovery-error.ts';
export type { DiscoveryEvent, ReportEvent } from './discovery-event.ts';
export {
  authModes,
  endpointKinds,
  isName,
  parseEndpoint,
  type AuthMode,
  type Endpoint,
  type EndpointKind,
} from './endpoint.ts';
export { findAwsApi, type AwsApi } from './find-aws-api.ts';
export { fieldRules, findFieldFault, type EndpointField } from './find-field-fault.ts';
export { findNearNames } from './find-near-names.ts';
export { findTelemetry, type Span, type Telemetry } from './find-telemetry.ts';
export { findReplayableHeader, harmlessHeaders } from './harmless-headers.ts';
export { hasGone, mayBeGatewayRefusal, type GatewayAnswer } from './has-gone.ts';
export { isIdempotent } from './is-idempotent.ts';
export { findPathFault } from './find-path-fault.ts';
export { checkSourceUrl } from './check-source-url.ts';
export {
  parseDiscoveryConfig,
  type DiscoveryConfig,
  type RegistryAuth,
  type RegistryConfig,
  type SnapshotConfig,
} from './parse-discovery-config.ts';
export { isTrustedKey, parseTrustedKeys, type TrustedKey } from './trusted-key.ts';
export { parseSecureUrl, parseTarget } from './parse-target.ts';
export { showValue } from './show-value.ts';
export { createTrust, type FindTrust, type Trust, type TrustOptions } from './trust.ts';
export { versionRange, type VersionRange } from './version-range.ts';
export { chooseWeighted, type AffinityRule, type Weighted } from './choose-weighted.ts';
export { selectEndpoint, type SelectionCriteria } from './select-endpoint.ts';
export { parseSnapshot, type Snapshot } from './snapshot.ts';
export type { SnapshotStorage, StoredSnapshot } from './snapshot-storage.ts';
export type { Source, SourceAnswer, SourceRequest } from './source.ts';
export {
  judgeFreshness,
  measureAge,
  resolveFreshness,
  type Freshness,
  type FreshnessBounds,
  type FreshnessOptions,
} from './freshness.ts';
export { createStageCache, type CacheEntry, type StageCache, type StageCacheOptions } from './stage-cache.ts';
export { raceAbort } from './race-abort.ts';
export {
  createResolver,
  type Resolution,
  type Resolver,
  type ResolverOptions,
  type StageInspection,
} from './create-resolver.ts';
