#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { createShell } from './terminal/create-shell.ts';
import { runCli } from './run-cli.ts';

const interrupt = new AbortController();
const stop = () => {
  // A second Ctrl-C ends a command that doesn't stop.
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort(new Error('interrupted'));
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// A closed pipe (`discovery list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void runCli(
  process.argv.slice(2),
  createShell(process, interrupt.signal, realpathSync(process.argv[1] as string)),
).then((exitCode) => {
  process.exitCode = exitCode;
});
