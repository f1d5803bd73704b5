export { createWriterError } from './create-writer-error.ts';
export { DiscoveryError, isDiscoveryError, type DiscoveryErrorCode } from './discovery-error.ts';
export { findNearNames } from './find-near-names.ts';
export { followPages, type PagedList } from './follow-pages.ts';
export { cleanText } from './clean-text.ts';
export { readBytes } from './read-bytes.ts';
export { showValue } from './show-value.ts';

export { checkSourceUrl } from './trust/check-source-url.ts';
export { findAwsApi, type AwsApi } from './trust/find-aws-api.ts';
export { findForeignCaller, type CallerHeaders, type CallerRule } from './trust/find-foreign-caller.ts';
export { findReplayableHeader, harmlessHeaders } from './trust/harmless-headers.ts';
export { isLocalHost } from './trust/is-local-host.ts';
export { parseSecureUrl } from './trust/parse-secure-url.ts';
export { createTrust, isRegion, type FindTrust, type Trust, type TrustOptions } from './trust/trust.ts';
export { isTrustedKey, parseTrustedKeys, type TrustedKey } from './trust/trusted-key.ts';

export { authModes, type AuthMode } from './records/auth-mode.ts';
export { endpointKinds, type EndpointKind } from './records/endpoint-kind.ts';
export { isName, parseEndpoint, type Endpoint } from './records/endpoint.ts';
export { fieldRules, findFieldFault, type EndpointField } from './records/find-field-fault.ts';
export { isTrusted } from './records/is-trusted.ts';
export { isDateTime } from './records/is-date-time.ts';
export { findOrigin, originKey } from './records/origin.ts';
export { parseDateTime } from './records/parse-date-time.ts';
export { parseTarget } from './records/parse-target.ts';
export { parseSnapshot, type Snapshot } from './records/snapshot.ts';

export { chooseWeighted, type AffinityRule } from './selection/choose-weighted.ts';
export {
  listCandidates,
  listEligible,
  rankEndpoint,
  type Ranking,
  type SelectionCriteria,
} from './selection/list-candidates.ts';
export { versionRange, type VersionRange } from './selection/version-range.ts';

export {
  createResolver,
  type FailoverOptions,
  type Resolution,
  type Resolver,
  type ResolverOptions,
  type StageInspection,
} from './resolver/create-resolver.ts';
export type { DiscoveryEvent, ReportEvent } from './resolver/discovery-event.ts';
export { explainMiss } from './resolver/explain-miss.ts';
export { measureAge, resolveFreshness, type FreshnessBounds, type FreshnessOptions } from './resolver/freshness.ts';
export { createTimeLimit, idlePause, pause, type Pause } from './resolver/pause.ts';
export { raceAbort, throwIfAborted } from './resolver/race-abort.ts';
export type { SnapshotStorage, StoredSnapshot } from './resolver/snapshot-storage.ts';
export type { Source, SourceAnswer, SourceRequest } from './resolver/source.ts';

export { buildServiceUrl } from './calls/build-service-url.ts';
export { checkPath } from './calls/check-path.ts';
export { checkSilence } from './calls/check-silence.ts';
export { findPathFault } from './calls/find-path-fault.ts';
export { hasGone, mayBeGatewayRefusal } from './calls/has-gone.ts';
export { isIdempotent } from './calls/is-idempotent.ts';
export { createSigningClock, type SigningClock } from './calls/signing-clock.ts';

export {
  parseDiscoveryConfig,
  type DiscoveryConfig,
  type FallbackConfig,
  type RegistryAuth,
  type RegistryConfig,
  type SnapshotConfig,
} from './settings/parse-discovery-config.ts';
export { findTelemetry, type Telemetry } from './tracing/find-telemetry.ts';
