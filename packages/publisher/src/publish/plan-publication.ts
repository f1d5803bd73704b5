import type { SnapshotDocument } from '@amplify-discovery/snapshots/seal';

export interface PublicationPlan {
  readonly stage: string;
  readonly revision: string;
  readonly endpoints: readonly unknown[];
  /** @default false */
  readonly partial?: boolean | undefined;
  /** What is published now, as far as it can be read. */
  readonly published: SnapshotDocument | undefined;
  readonly now: number;
  readonly lifetimeSeconds: number;
}

const dayMs = 86_400_000;

/**
 * The document to publish next, or undefined when the published one still says the same and has more than half of its
 * lifetime left.
 *
 * The sequence is one more than the published one's, and at least the time in milliseconds: it goes on rising when the
 * object was deleted or the bucket replaced. A published sequence more than a day ahead of the clock was not made here.
 */
export function planPublication(plan: PublicationPlan): SnapshotDocument | undefined {
  const { stage, revision, endpoints, partial, published, now, lifetimeSeconds } = plan;
  const lifetimeMs = lifetimeSeconds * 1000;
  if (published?.revision === revision && published.expiresAt - now > lifetimeMs / 2) return undefined;
  const last = published && published.sequence < now + dayMs ? published.sequence : 0;
  const sequence = Math.max(last + 1, now);
  return { stage, sequence, issuedAt: now, expiresAt: now + lifetimeMs, revision, endpoints, partial };
}
