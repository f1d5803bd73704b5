export { createAnnouncer, type AnnouncerOptions } from './create-announcer.ts';
export { findChangedStages } from './find-changed-stages.ts';
export { findRealtimeUrl } from './find-realtime-url.ts';
export { watchStages, type StageWatch, type WatchOptions } from './watch-stages.ts';
