import type { DiscoveryError, StageInspection } from '@amplify-discovery/core';

/** A row of `Discovery.inspect`: an endpoint, a record that was left out, or a stage without a snapshot. */
export interface InspectedEndpoint {
  readonly stage: string;
  readonly service?: string | undefined;
  readonly target?: string | undefined;
  readonly version?: string | undefined;
  readonly tenant?: string | undefined;
  /** Why it is not used: malformed, or at a host that is not trusted. */
  readonly rejected?: string;
  readonly freshness?: StageInspection['freshness'];
  readonly ageSeconds?: number | undefined;
  readonly origin?: string | undefined;
  readonly revision?: string | undefined;
  /** Why the last refresh failed, or why a source was passed over in it: code and message. */
  readonly problem?: string;
}

/** What is known of stages as a table: a row for each endpoint. */
export function inspectEndpoints(
  stages: readonly StageInspection[],
  problems: ReadonlyMap<string, DiscoveryError>,
): readonly InspectedEndpoint[] {
  return stages.flatMap(({ stage, endpoints = [], rejected = [], freshness, ageSeconds, origin, revision }) => {
    const error = problems.get(stage);
    const known = {
      ...(freshness && { freshness, ageSeconds, origin, revision }),
      ...(error && { problem: `${error.code}: ${error.message}` }),
    };
    const rows = [
      ...endpoints.map(({ service, target, version, tenant }) => ({
        service,
        target,
        ...(version && { version }),
        ...(tenant && { tenant }),
      })),
      ...rejected.map(({ service, message }) => ({ service, rejected: message })),
    ];
    return (rows.length ? rows : [{}]).map((row) => ({ stage, ...row, ...known }));
  });
}
