import type { EndpointKind } from '@amplify-discovery/core';

export interface PublicRule {
  /** @default rest, http, graphql, events and websocket: what has a URL */
  readonly kinds?: readonly EndpointKind[] | undefined;
  /** Services that are public without being marked. @default none */
  readonly services?: readonly string[] | undefined;
}

const kindsWithUrl: readonly EndpointKind[] = ['rest', 'http', 'graphql', 'events', 'websocket'];

/**
 * The endpoints that the browser's subset shows: of a public kind, and either marked at registration by
 * `metadata: { public: 'true' }` or of a service that is listed as public. Nothing is public by default.
 */
export function selectPublicEndpoints(endpoints: readonly unknown[], rule: PublicRule = {}): readonly unknown[] {
  const { kinds = kindsWithUrl, services = [] } = rule;
  return endpoints.filter((record) => {
    const { kind, service, metadata } = record as Record<string, unknown>;
    return kinds.includes(kind as EndpointKind) && (services.includes(service as string) || isMarked(metadata));
  });
}

/** Metadata comes from a registry as JSON text. */
function isMarked(metadata: unknown): boolean {
  try {
    const value = (typeof metadata === 'string' ? JSON.parse(metadata) : metadata) as
      | { public?: unknown }
      | null
      | undefined;
    return value?.public === 'true';
  } catch {
    return false;
  }
}
