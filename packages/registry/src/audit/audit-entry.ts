import { DiscoveryError } from '@amplify-discovery/core';

/**
 * What happened to an endpoint or a rule.
 *
 * - `taken-over`: another owner's registration replaced it.
 * - `restored`: brought back from a backup, by whoever restored it.
 * - `expired`: DynamoDB removed it some time after its `expiresAt`.
 * - `deleted`: its row was deleted past the registry's API.
 */
export type AuditChange =
  | 'registered'
  | 'updated'
  | 'taken-over'
  | 'restored'
  | 'overridden'
  | 'override-ended'
  | 'deregistered'
  | 'expired'
  | 'deleted'
  | 'rule-set'
  | 'rule-removed';

/** An endpoint's record or a rule, without what only fences its writes: tokens stay out of the log. */
export type AuditState = Readonly<Record<string, unknown>>;

/** What a change was made to. */
export type AuditSubject =
  | { readonly stage: string; readonly service: string; readonly id: string }
  | { readonly rule: { readonly kind: string; readonly name: string } };

/** One change, as the log keeps it. Each entry's `before` is the `after` of the entry before it of the same subject. */
export type AuditEntry = AuditSubject & {
  /** ISO 8601, to the second. */
  readonly time: string;
  /** The stream's; of one subject's entries the greater is the later. */
  readonly sequence: string;
  readonly change: AuditChange;
  /** The ARN of the IAM identity that made it, `dynamodb.amazonaws.com` for what expired; null where it is not known. */
  readonly actor: string | null;
  /** Who holds the endpoint, or held it last. */
  readonly owner?: string | undefined;
  /** Why, where the caller had to say it. */
  readonly reason?: string | undefined;
  /** Null when there was none. */
  readonly before: AuditState | null;
  /** Null when there is none any more. */
  readonly after: AuditState | null;
};

/**
 * The entry in an object's text.
 *
 * @throws DiscoveryError `InvalidRecord` for anything else.
 */
export function parseAuditEntry(text: string): AuditEntry {
  const entry = Object(parseJson(text)) as Partial<Record<keyof AuditEntry | 'rule' | 'stage', unknown>>;
  const isState = (state: unknown) => typeof state === 'object' && !Array.isArray(state);
  const isEntry =
    [entry.time, entry.sequence, entry.change].every((value) => typeof value === 'string') &&
    [entry.before, entry.after].every(isState) &&
    (typeof entry.stage === 'string' || typeof entry.rule === 'object');
  if (!isEntry) throw new DiscoveryError('InvalidRecord', 'It is not an entry of the log of changes');
  return entry as AuditEntry;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
