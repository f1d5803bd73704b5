import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../src/run-cli.ts';
import type { Shell } from '../src/terminal/shell.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder to work in. */
export function createFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'discovery-cli-'));
}

/** Runs one command line in this process, its output captured. No environment, no AWS, unless a test passes some. */
export async function runCommand(words: readonly string[], overrides: Partial<Shell> = {}): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr') => ({
    isTty: false,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const shell: Shell = {
    cwd: '/nonexistent',
    env: {},
    stdout: capture('stdout'),
    stderr: capture('stderr'),
    signal: new AbortController().signal,
    userName: 'ann',
    version: '9.9.9',
    now: Date.now,
    fetch: globalThis.fetch,
    findWebSocket: async () => undefined,
    sleep: () => Promise.reject(new Error('this test does not sleep')),
    every: () => () => {},
    findCredentials: () => Promise.reject(new Error('no credentials in this test')),
    findStack: () => Promise.reject(new Error('no CloudFormation in this test')),
    probeTarget: () => Promise.reject(new Error('this test contacts no target')),
    findAnswer: async () => undefined,
    ...overrides,
  };
  const exitCode = await runCli(words, shell);
  return { exitCode, ...written };
}
