import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import { createInterface } from 'node:readline';

export interface LambdaRuntimeOptions {
  /** A JavaScript file that exports `handler`. */
  readonly handlerFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The function's timeout. @default 3000 */
  readonly timeoutMs?: number;
  /** @default the Node that runs this */
  readonly nodePath?: string;
}

/** How one invocation ended, and what the function's process still had open at that moment. */
export interface InvocationResult {
  readonly value?: unknown;
  readonly error?: { readonly errorType?: string; readonly errorMessage?: string; readonly code?: string };
  readonly left: readonly string[];
  readonly durationMs: number;
}

export interface LambdaRuntime {
  /** What the function has written to standard output, line by line, as far as it has arrived here. */
  readonly lines: readonly string[];
  /** Thaws the process, runs one invocation, and resolves once it is frozen again. */
  invoke(event?: unknown): Promise<InvocationResult>;
  /** Leaves the process frozen for so long. Real time, because a stopped process has no other. */
  stayFrozen(milliseconds: number): Promise<void>;
  /** Ends the process and starts another one on the same files, as Lambda does after a crash or a timeout. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:under-test';

/**
 * One Lambda execution environment: the Runtime API on 127.0.0.1, and a child process behind it that is stopped (SIGSTOP)
 * whenever it waits for an invocation, so that between two of them not an instruction of it runs.
 */
export async function startLambdaRuntime(options: LambdaRuntimeOptions): Promise<LambdaRuntime> {
  const { handlerFile, env = {}, timeoutMs = 3000, nodePath = process.execPath } = options;
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  let waiting: ServerResponse | undefined;
  let onFrozen: ((value: undefined) => void) | undefined;
  let onFailed: ((error: Error) => void) | undefined;
  let onAnswer: ((answer: { ok: boolean; text: string }) => void) | undefined;

  const frozen = () => new Promise<undefined>((resolve, reject) => ([onFrozen, onFailed] = [resolve, reject]));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const text = Buffer.concat(await request.toArray()).toString();
    if (path.endsWith('/invocation/next')) {
      waiting = response;
      child?.kill('SIGSTOP');
      onFrozen?.(undefined);
      return;
    }
    response.writeHead(202).end();
    if (path.endsWith('/init/error')) onFailed?.(new Error(`The function did not start: ${text}`));
    else onAnswer?.({ ok: path.endsWith('/response'), text });
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function start(): Promise<void> {
    const ready = frozen();
    child = spawn(nodePath, [resolvePath('packages/test-rig/src/lambda-runtime/bootstrap.mjs'), handlerFile], {
      env: { PATH: process.env.PATH, ...env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout) createInterface(child.stdout).on('line', (line) => lines.push(line));
    child.once('exit', () => onFailed?.(new Error('The function’s process ended')));
    await ready;
  }

  async function end(): Promise<void> {
    onFailed = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    waiting = undefined;
  }

  async function stop(): Promise<void> {
    await end();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  await start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    lines,
    async invoke(event = {}) {
      const answered = new Promise<{ ok: boolean; text: string }>(
        (resolve, reject) => ([onAnswer, onFailed] = [resolve, reject]),
      );
      const startedAt = performance.now();
      child?.kill('SIGCONT');
      waiting?.writeHead(200, {
        'lambda-runtime-aws-request-id': randomUUID(),
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
        'lambda-runtime-invoked-function-arn': functionArn,
      });
      waiting?.end(JSON.stringify(event));
      const again = answered.then(() => frozen());
      again.catch(() => {});
      const { ok, text } = await answered;
      const durationMs = performance.now() - startedAt;
      await again;
      const parsed = JSON.parse(text) as InvocationResult & { value?: unknown };
      return ok
        ? { ...parsed, durationMs }
        : { error: parsed as NonNullable<InvocationResult['error']>, left: [], durationMs };
    },
    stayFrozen: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    async restart() {
      await end();
      await start();
    },
    stop,
  };
}
