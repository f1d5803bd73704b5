import { tableLayout } from '../table-layout.ts';
import type { AuditChange, AuditEntry, AuditState, AuditSubject } from './audit-entry.ts';
import { readDynamoItem, type DynamoItem } from './dynamo-item.ts';
import { isSameState } from './is-same-state.ts';
import type { StreamRecord } from './stream-record.ts';

const { partitionKey, sortKey, timeToLive, bookkeeping } = tableLayout;

/** What DynamoDB's own deletions name as their principal. */
const expiry = 'dynamodb.amazonaws.com';

/** What fences writes, finds duplicates, or is a copy of another field. */
const internal: ReadonlySet<string> = new Set([
  sortKey,
  timeToLive,
  'token',
  'limbA',
  'limbB',
  'mark',
  'requestIds',
  'latest',
  'expiresAtSeconds',
  'writtenAt',
  'restoredBy',
]);

/**
 * What the log keeps of a change of the table; undefined for what changes no endpoint and no rule: heads of stages, the
 * memory of requests, and the tombstones that they leave.
 */
export function planEntry({ eventName, userIdentity, dynamodb = {} }: StreamRecord): AuditEntry | undefined {
  const {
    ApproximateCreationDateTime: seconds = 0,
    SequenceNumber: sequence = '0',
    Keys,
    OldImage,
    NewImage,
  } = dynamodb;
  const subject = findSubject(readDynamoItem(Keys ?? {}));
  if (!subject) return undefined;
  const image = NewImage && readDynamoItem(NewImage);
  const read = 'rule' in subject ? readRule : readEndpoint;
  const before = read(OldImage);
  const after = read(NewImage);
  if (isSameState(before, after)) return undefined;
  const isExpiry = eventName === 'REMOVE' && userIdentity?.principalId === expiry;
  const owner = (after ?? before)?.['owner'];
  const restorer = findRestorer(OldImage && readDynamoItem(OldImage), image);
  const reason = after ? undefined : image?.['reason'];
  return {
    time: new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z'),
    sequence,
    change: restorer ? 'restored' : findChange(subject, before, after, { isExpiry, isRowGone: eventName === 'REMOVE' }),
    actor: isExpiry ? expiry : (toText(restorer ? restorer['actor'] : image?.['actor']) ?? null),
    ...subject,
    ...(typeof owner === 'string' && { owner }),
    ...(typeof reason === 'string' && { reason }),
    before,
    after,
  };
}

/** Who brought the row back from a backup with this change. The row itself still says who wrote it before. */
function findRestorer(
  before: Readonly<Record<string, unknown>> | undefined,
  after: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const restorer = after?.['restoredBy'];
  if (typeof restorer !== 'object' || restorer === null) return undefined;
  return isSameState(restorer, before?.['restoredBy']) ? undefined : (restorer as Readonly<Record<string, unknown>>);
}

function findSubject(keys: Readonly<Record<string, unknown>>): AuditSubject | undefined {
  const { [partitionKey]: stage, [sortKey]: key } = keys;
  if (typeof stage !== 'string' || typeof key !== 'string' || key === bookkeeping.headKey) return undefined;
  const at = key.indexOf('#');
  const [first, second] = [key.slice(0, at), key.slice(at + 1)];
  if (stage === bookkeeping.rulesStage) return { rule: { kind: first, name: second } };
  return { stage, service: first, id: second };
}

function readRule(image: DynamoItem | undefined): AuditState | null {
  const rule = image && readDynamoItem(image)['rule'];
  return typeof rule === 'object' && rule !== null ? (sortKeys(rule) as AuditState) : null;
}

/**
 * The record as it is kept in the log. The fingerprint tells two writes of the same values apart: it is half of the token, and
 * not enough to write with.
 */
function readEndpoint(image: DynamoItem | undefined): AuditState | null {
  const item = image && readDynamoItem(image);
  if (!item || item['removed'] === true) return null;
  const shown = Object.fromEntries(Object.entries(item).filter(([name]) => !internal.has(name)));
  const [fingerprint] = String(item['token'] ?? '').split('.');
  return sortKeys({ ...shown, fingerprint }) as AuditState;
}

interface RowEnd {
  readonly isExpiry: boolean;
  readonly isRowGone: boolean;
}

function findChange(
  subject: AuditSubject,
  before: AuditState | null,
  after: AuditState | null,
  { isExpiry, isRowGone }: RowEnd,
): AuditChange {
  if ('rule' in subject) return after ? 'rule-set' : 'rule-removed';
  if (!after) return isExpiry ? 'expired' : isRowGone ? 'deleted' : 'deregistered';
  // What has expired is registered anew.
  if (!before || before['registeredAt'] !== after['registeredAt']) return 'registered';
  if (before['owner'] !== after['owner']) return 'taken-over';
  if (isSameState(before['override'], after['override'])) return 'updated';
  return after['override'] === undefined ? 'override-ended' : 'overridden';
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, member]) => [name, sortKeys(member)]));
}
