export { firstAnswer, type FirstAnswerOptions } from './first-answer.ts';
export { openSnapshot, type OpenSnapshotOptions } from './open-snapshot.ts';
export { isTrustedKey, parseTrustedKeys } from './parse-trusted-keys.ts';
export type { SnapshotDocument } from './snapshot-document.ts';
export type { TrustedKey } from './snapshot-envelope.ts';
export { snapshotSource, type SequenceStorage, type SnapshotSourceOptions } from './snapshot-source.ts';
