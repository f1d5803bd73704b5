export type { AuditChange, AuditEntry, AuditState, AuditSubject } from './audit-entry.ts';
export { findAuditKey, type AuditKey } from './audit-key.ts';
export type { AuditStore } from './audit-store.ts';
export {
  createAuditHandler,
  type AuditHandlerOptions,
  type AuditLine,
  type AuditResult,
} from './create-audit-handler.ts';
export { readDynamoItem, type DynamoItem, type DynamoValue } from './dynamo-item.ts';
export { findGaps, type AuditGap } from './find-gaps.ts';
export { readAudit, type AuditReading } from './read-audit.ts';
export type { StreamRecord } from './stream-record.ts';
