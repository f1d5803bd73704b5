export { isPublishable } from './format/is-publishable.ts';
export { firstAnswer, type FirstAnswerOptions } from './source/first-answer.ts';
export { openSnapshot, type OpenSnapshotOptions } from './format/open-snapshot.ts';
export type { SnapshotDocument } from './format/snapshot-document.ts';
export { snapshotSource, type SequenceStorage, type SnapshotSourceOptions } from './source/snapshot-source.ts';
