import type { EndpointKind } from '@amplify-discovery/core';
import { serializeDocument } from '@amplify-discovery/snapshots/seal';

export interface PublicRule {
  /** @default rest, http, graphql, events and websocket: what has a URL */
  readonly kinds?: readonly EndpointKind[] | undefined;
  /** Services that are public without being marked. @default none */
  readonly services?: readonly string[] | undefined;
}

const kindsWithUrl: readonly EndpointKind[] = ['rest', 'http', 'graphql', 'events', 'websocket'];

/** What everyone may see of a stage. */
export interface PublicEndpoints {
  readonly endpoints: readonly unknown[];
  /** The subset's own: a change of what is not public doesn't show in it. */
  readonly revision: string;
  /** Endpoints with a URL were left out. */
  readonly partial: boolean;
}

/**
 * The endpoints that the browser's subset shows: of a public kind, and either marked at registration by
 * `metadata: { public: 'true' }` or of a service that is listed as public. Nothing is public by default.
 */
export async function selectPublicEndpoints(
  stage: string,
  endpoints: readonly unknown[],
  rule: PublicRule = {},
): Promise<PublicEndpoints> {
  const { kinds = kindsWithUrl, services = [] } = rule;
  const records = endpoints as readonly Record<string, unknown>[];
  const shown = new Set(
    records.filter(
      ({ kind, service, metadata }) =>
        kinds.includes(kind as EndpointKind) && (services.includes(service as string) || isMarked(metadata)),
    ),
  );
  const partial = records.some((record) => !shown.has(record) && kindsWithUrl.includes(record.kind as EndpointKind));
  return { endpoints: [...shown], revision: await digest(stage, [...shown], partial), partial };
}

async function digest(stage: string, endpoints: readonly unknown[], partial: boolean): Promise<string> {
  const bytes = serializeDocument({ stage, sequence: 0, issuedAt: 0, expiresAt: 0, revision: '', endpoints, partial });
  const hash = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return [...new Uint8Array(hash).slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
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
