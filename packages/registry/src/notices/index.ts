export { createAnnouncer } from './create-announcer.ts';
export { findChangedStages } from './find-changed-stages.ts';
export { findRealtimeUrl } from './find-realtime-url.ts';
export { measureExpiry } from './measure-expiry.ts';
export { readRevision } from './read-revision.ts';
export { watchStages, type NoticeSocket, type WatchOptions } from './watch-stages.ts';
