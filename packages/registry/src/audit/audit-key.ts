import type { AuditEntry, AuditSubject } from './audit-entry.ts';

/** What an entry's key tells without reading the entry. */
export interface AuditKey {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly subject: AuditSubject;
}

/** The longest sequence number of a stream. */
const sequenceLength = 40;

/**
 * Where an entry is kept: `2026/11/26/101530-{sequence}/{stage}/{service}/{id}.json`, and a rule's at
 * `…/{kind}/{name}.json`. Keys sort by time and sequence, and a change that is delivered again has the same key.
 */
export function createAuditKey(entry: AuditEntry): string {
  const { time, sequence } = entry;
  const subject = 'rule' in entry ? [entry.rule.kind, entry.rule.name] : [entry.stage, entry.service, entry.id];
  const clock = time.slice(11, 19).replaceAll(':', '');
  return `${createDayPrefix(Date.parse(time))}${clock}-${sequence.padStart(sequenceLength, '0')}/${subject.join('/')}.json`;
}

/** What all keys of a moment or later are at least. */
export function createFirstKey(time: number): string {
  const clock = new Date(time).toISOString().slice(11, 19).replaceAll(':', '');
  return `${createDayPrefix(time)}${clock}`;
}

/** What the key says; undefined for what is not one. */
export function findAuditKey(key: string): AuditKey | undefined {
  const [, year, month, day, hours, minutes, seconds, path = ''] =
    /^(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)(\d\d)(\d\d)-\d+\/(.+)\.json$/.exec(key) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  const [first = '', second = '', third, ...rest] = path.split('/');
  if (Number.isNaN(time) || first === '' || second === '' || rest.length > 0) return undefined;
  const subject =
    third === undefined ? { rule: { kind: first, name: second } } : { stage: first, service: second, id: third };
  return { time, subject };
}

function createDayPrefix(time: number): string {
  return `${new Date(time).toISOString().slice(0, 10).replaceAll('-', '/')}/`;
}
