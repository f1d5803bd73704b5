export { createS3AuditStore, type S3AuditStoreOptions } from './create-s3-audit-store.ts';
export { readAuditSettings, type AuditSettings } from './read-audit-settings.ts';
