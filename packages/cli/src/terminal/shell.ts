import type { AwsCredentials } from '@amplify-discovery/aws';
import type { WatchOptions } from '@amplify-discovery/registry/notices';
import type { ProbeFault, ProbeOptions } from '../doctor/probe-target.ts';

/** A stream that text can be written to. */
export interface Output {
  write(text: string): void;
  /** Whether it is a terminal, on which progress may be shown and erased again. */
  readonly isTty: boolean | undefined;
}

/** A CloudFormation stack as far as `doctor` needs it; `unknown` when CloudFormation doesn't know it. */
export type StackState = 'present' | 'gone' | 'unknown';

/** The outside world of the commands. The real one is made by `createShell`; tests pass their own. */
export interface Shell {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly userName: string;
  /** The version of this package. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Honours the proxies of the environment. */
  readonly fetch: typeof globalThis.fetch;
  /** What connects to the registry's notices; honours the proxies of the environment. Undefined where there is nothing. */
  readonly findWebSocket: () => Promise<WatchOptions['WebSocket'] | undefined>;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Runs the task again and again until the returned function is called. */
  readonly every: (milliseconds: number, task: () => void) => () => void;
  /** The AWS credentials as the AWS SDK finds them; rejects when there are none. */
  readonly findCredentials: () => Promise<() => Promise<AwsCredentials>>;
  /** Whether a CloudFormation stack is still there. */
  readonly findStack: (stackId: string, region: string) => Promise<StackState>;
  /** Finds what is wrong with a target, over the network. */
  readonly probeTarget: (target: string, options: ProbeOptions) => Promise<ProbeFault | undefined>;
  /** What the user types after the question; undefined when there is no user to ask. */
  readonly findAnswer: (question: string) => Promise<string | undefined>;
}
