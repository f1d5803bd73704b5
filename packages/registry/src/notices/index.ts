export { createAnnouncer, type AnnouncerOptions } from './create-announcer.ts';
export { findChangedStages } from './find-changed-stages.ts';
export { findRealtimeUrl } from './find-realtime-url.ts';
export { watchStages, type NoticeSocket, type WatchOptions } from './watch-stages.ts';
