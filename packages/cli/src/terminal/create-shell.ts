import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createFetchHandler } from '@amplify-discovery/aws/sdk';
import { askPerson } from './ask-person.ts';
import { findStackState } from '../doctor/find-stack-state.ts';
import { probeTarget } from '../doctor/probe-target.ts';
import { createFetch } from './create-fetch.ts';
import { loadWebSocket } from './load-web-socket.ts';
import type { Output, Shell } from './shell.ts';

/** The shell of a process. `file` is a file of this package: its version is found from there. */
export function createShell(process: NodeJS.Process, signal: AbortSignal, file: string): Shell {
  const fetch = createFetch(process.env);
  const isProxied = fetch !== globalThis.fetch;
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: toOutput(process.stdout),
    stderr: toOutput(process.stderr),
    signal,
    userName: findUserName(),
    version: findVersion(dirname(file)),
    now: Date.now,
    fetch,
    findWebSocket: () => loadWebSocket(process.env),
    sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }).catch(() => {}),
    every(milliseconds, task) {
      const timer = setInterval(task, milliseconds);
      return () => clearInterval(timer);
    },
    async findCredentials() {
      const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
      const provider = fromNodeProviderChain(
        isProxied ? { clientConfig: { requestHandler: createFetchHandler(fetch) } } : {},
      );
      await provider();
      return provider;
    },
    findStack: (stackId, region) => findStackState(stackId, region, isProxied ? fetch : undefined),
    probeTarget: (target, options) => probeTarget(target, { ...options, fetch, isProxied }),
    findAnswer: (question) => askPerson(question, process, signal),
  };
}

function toOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTty() {
      return stream.isTTY;
    },
  };
}

/** Undefined for a user id without an entry in the password file, as in some containers. */
function findUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function findVersion(folder: string): string {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
    if (name === '@amplify-discovery/cli' && version !== undefined) return version;
  } catch {
    // Look further up.
  }
  return dirname(folder) === folder ? 'unknown' : findVersion(dirname(folder));
}
