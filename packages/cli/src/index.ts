export type { ExitCode } from './exit-code.ts';
export { createShell } from './create-shell.ts';
export { runCli } from './run-cli.ts';
export type { Output, Shell, StackState } from './shell.ts';
