export { diffEndpoints, type EndpointDifference } from './changes/diff-endpoints.ts';
export { followStages, type FollowOptions } from './changes/follow-stages.ts';
export type { Notices } from './changes/notices.ts';
export { openNotices, type NoticesOptions } from './changes/open-notices.ts';
export { parseAction, type ConsoleAction } from './console-action.ts';
export type { ConsoleBackend, PlannedChange } from './console-backend.ts';
export { historyPath, operatorGroup, type ConsoleSettings } from './console-settings.ts';
export { findRecordFaults } from './findings/find-record-faults.ts';
export { nameRecord, writeDeregister, type Check, type Finding } from './findings/finding.ts';
export { isStackOwner } from './findings/is-stack-owner.ts';
export {
  createHistoryHandler,
  type HistoryAnswer,
  type HistoryEvent,
  type HistoryHandlerOptions,
} from './history/create-history-handler.ts';
export { listHistory, shownStates } from './history/list-history.ts';
export { readHistorySettings, type HistorySettings } from './history/read-history-settings.ts';
export {
  keepSnapshot,
  openStoredSnapshot,
  readStoredVersions,
  type KeptSnapshot,
  type OpenOptions,
  type StoredSnapshot,
} from './history/stored-snapshot.ts';
export { quoteWord } from './quote-word.ts';
export type { HistoryEntry, Overview, ShownFinding, StageChange } from './overview.ts';
export { createRecordsReader, type RecordsReader, type RecordsReaderOptions } from './records/create-records-reader.ts';
export {
  listEndpoint,
  listRecord,
  parseRegistered,
  type ListedEndpoint,
  type PlainEndpoint,
} from './records/listed-endpoint.ts';
export {
  createConsoleHandler,
  type ConsoleHandler,
  type ConsoleHandlerOptions,
} from './server/create-console-handler.ts';
export { describePageHeaders, type PageHeaders } from './server/describe-page-headers.ts';
export { readPageFiles, type PageFiles } from './server/read-page-files.ts';
