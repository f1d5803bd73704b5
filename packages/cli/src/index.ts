export type { ExitCode } from './terminal/exit-code.ts';
export { createShell } from './terminal/create-shell.ts';
export { runCli } from './run-cli.ts';
export type { Output, Shell, StackState } from './terminal/shell.ts';
