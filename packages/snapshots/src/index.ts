export { isPublishable } from './format/is-publishable.ts';
export { createFallbackSource, type FallbackSourceOptions } from './source/create-fallback-source.ts';
export { openSnapshot, type OpenSnapshotOptions } from './format/open-snapshot.ts';
export type { SnapshotDocument } from './format/snapshot-document.ts';
export {
  createSnapshotSource,
  type SequenceStorage,
  type SnapshotSourceOptions,
} from './source/create-snapshot-source.ts';
