import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface LambdaOptions {
  /** The folder with the code as it would be uploaded. */
  readonly folder: string;
  /** @default 'index.handler' */
  readonly handler?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default 30000 */
  readonly timeoutMs?: number;
  /** Where `require` finds the AWS SDK, which Lambda brings along. @default nowhere */
  readonly sdkFolder?: string;
  readonly region?: string;
}

/** How an invocation ended. */
export type InvocationResult =
  | { readonly end: 'returned' }
  | { readonly end: 'threw'; readonly message: string }
  /** The function's time was up, or its process died. */
  | { readonly end: 'killed' }
  /** The event still waits in Lambda's queue. */
  | { readonly end: 'queued' };

export interface Lambda {
  /** Runs the handler for the event in a process of its own; one that is idle is used again, as Lambda does. */
  invoke(event: unknown, invokedFunctionArn: string): Promise<InvocationResult>;
  /** What the function wrote to its log. */
  readonly log: readonly string[];
  /** The process ids of the containers that run. */
  readonly processIds: readonly number[];
  stop(): Promise<void>;
}

interface Container {
  readonly child: ChildProcess;
  run(event: unknown, arn: string): Promise<InvocationResult>;
  stop(): Promise<void>;
}

/**
 * A Lambda function on this machine: real processes that run the code by the contract of Lambda's runtime API, with
 * nothing of this process's environment, and killed when their time is up.
 */
export function startLambda(options: LambdaOptions): Lambda {
  const idle: Container[] = [];
  const running = new Set<Container>();
  const log: string[] = [];
  return {
    log,
    get processIds() {
      return [...running].map(({ child }) => child.pid as number);
    },
    invoke: async (event, invokedFunctionArn) => {
      const container = idle.pop() ?? (await startContainer(options, (line) => log.push(line)));
      running.add(container);
      const result = await container.run(event, invokedFunctionArn);
      if (result.end === 'killed') {
        running.delete(container);
        await container.stop();
      } else {
        idle.push(container);
      }
      return result;
    },
    stop: async () => {
      await Promise.all([...running].map((container) => container.stop()));
      running.clear();
      idle.length = 0;
    },
  };
}

async function startContainer(options: LambdaOptions, log: (line: string) => void): Promise<Container> {
  const {
    folder,
    handler = 'index.handler',
    environment = {},
    timeoutMs = 30_000,
    sdkFolder,
    region = 'eu-west-1',
  } = options;
  let finish: (result: InvocationResult) => void = () => undefined;
  let takeNext: (response: ServerResponse) => void = () => undefined;
  let next = new Promise<ServerResponse>((resolve) => (takeNext = resolve));

  const server = createServer((request, response) => {
    if (request.url?.endsWith('/invocation/next')) return takeNext(response);
    readBody(request).then(
      (body) => {
        response.writeHead(202).end();
        const { errorMessage } = (JSON.parse(body) ?? {}) as { errorMessage?: string };
        finish(request.url?.endsWith('/error') ? { end: 'threw', message: String(errorMessage) } : { end: 'returned' });
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const child = spawn(process.execPath, [fileURLToPath(new URL('lambda-runtime.cjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      AWS_REGION: region,
      AWS_LAMBDA_FUNCTION_NAME: 'under-test',
      ...environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
      ...(sdkFolder !== undefined && { NODE_PATH: sdkFolder }),
    },
  });
  child.stdout.on('data', (data) => log(String(data)));
  child.stderr.on('data', (data) => log(String(data)));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => finish({ end: 'killed' }));

  return {
    child,
    run: async (event, arn) => {
      const result = new Promise<InvocationResult>((resolve) => (finish = resolve));
      if (child.exitCode !== null) return { end: 'killed' };
      const response = await Promise.race([next, exited]);
      if (!response) return { end: 'killed' };
      next = new Promise((resolve) => (takeNext = resolve));
      const killer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': randomUUID(),
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
        'lambda-runtime-invoked-function-arn': arn,
      });
      response.end(JSON.stringify(event));
      return result.finally(() => clearTimeout(killer));
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
