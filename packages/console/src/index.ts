export { parseAction, type ConsoleAction } from './console-action.ts';
export type { ConsoleBackend, PlannedChange } from './console-backend.ts';
export type { HistoryEntry, Overview, ShownEndpoint, ShownFinding, StageChange } from './overview.ts';
export {
  createConsoleHandler,
  type ConsoleHandler,
  type ConsoleHandlerOptions,
} from './server/create-console-handler.ts';
export { createConsoleListener } from './server/create-console-listener.ts';
export { readPageFiles, type PageFiles } from './server/read-page-files.ts';
