import type { AuditEntry, AuditState, AuditSubject } from './audit-entry.ts';
import { isSameState } from './is-same-state.ts';

/** Where the log lacks at least one change of a subject: between these two entries. */
export interface AuditGap {
  readonly subject: AuditSubject;
  /** ISO 8601: of the last entry before it. */
  readonly after: string;
  /** ISO 8601: of the first entry behind it. */
  readonly before: string;
}

/**
 * The changes that the entries lack, which have to be in order: an entry begins with what the one before it of the same
 * subject has left. What is lacking before a subject's first entry, or behind its last one, can't be told.
 */
export function findGaps(entries: Iterable<AuditEntry>): readonly AuditGap[] {
  const last = new Map<string, { readonly time: string; readonly state: AuditState | null }>();
  const gaps: AuditGap[] = [];
  for (const entry of entries) {
    const subject = getSubject(entry);
    const key = JSON.stringify(subject);
    const known = last.get(key);
    if (known && !isSameState(known.state, entry.before)) gaps.push({ subject, after: known.time, before: entry.time });
    last.set(key, { time: entry.time, state: entry.after });
  }
  return gaps;
}

function getSubject(entry: AuditEntry): AuditSubject {
  if ('rule' in entry) return { rule: { kind: entry.rule.kind, name: entry.rule.name } };
  const { stage, service, id } = entry;
  return { stage, service, id };
}
