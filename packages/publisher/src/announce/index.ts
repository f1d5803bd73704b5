export {
  createAnnounceHandler,
  type AnnounceEvent,
  type AnnounceHandlerOptions,
  type AnnouncementLine,
} from './create-announce-handler.ts';
export { readAnnouncerSettings, type AnnouncerSettings } from './read-announcer-settings.ts';
