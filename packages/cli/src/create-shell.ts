import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Output, Shell } from './shell.ts';

/** The shell of a process. `file` is a file of this package: its version is found from there. */
export function createShell(process: NodeJS.Process, signal: AbortSignal, file: string): Shell {
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: toOutput(process.stdout),
    stderr: toOutput(process.stderr),
    signal,
    userName: findUserName(),
    version: findVersion(dirname(file)),
    now: Date.now,
    fetch: globalThis.fetch,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        const stop = () => {
          clearTimeout(timer);
          resolve();
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
    every(milliseconds, task) {
      const timer = setInterval(task, milliseconds);
      return () => clearInterval(timer);
    },
    async findCredentials() {
      const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
      const provider = fromNodeProviderChain();
      await provider();
      return provider;
    },
    async findStack(stackId, region) {
      const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
      const client = new CloudFormationClient({ region });
      try {
        const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackId }));
        return Stacks.every(({ StackStatus }) => StackStatus === 'DELETE_COMPLETE') ? 'gone' : 'present';
      } catch (error) {
        if (error instanceof Error && /does not exist/.test(error.message)) return 'gone';
        throw error;
      } finally {
        client.destroy();
      }
    },
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

/** There is none for a user id without an entry in the password file, as in some containers. */
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
