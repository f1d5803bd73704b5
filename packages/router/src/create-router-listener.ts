import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Readable } from 'node:stream';
import { answerBodyTooLarge, resolveLimits } from './check-request.ts';
import { pairUp } from './create-sender.ts';
import type { RouteRequest } from './router-options.ts';
import type { RouterAnswer } from './router-request.ts';

export interface RouterListenerOptions {
  /** @default 10 MiB */
  readonly maximumBodyBytes?: number | undefined;
}

/**
 * A request listener for node:http. Request bodies are read first, up to the limit; answers are streamed. Never rejects.
 *
 * @example
 * ```ts
 * const listener = createRouterListener(createRouter({ stage: 'Production', discovery: () => resolver }));
 * createServer((request, response) => void listener(request, response)).listen(8080, '127.0.0.1');
 * ```
 */
export function createRouterListener(
  route: RouteRequest,
  options: RouterListenerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { maximumBodyBytes } = resolveLimits(options);
  return async (request, response) => {
    try {
      const body = await readBody(request, maximumBodyBytes);
      if (!body) {
        // What is still coming is not read, so this connection can't be used again.
        response.setHeader('connection', 'close');
        await write(answerBodyTooLarge(maximumBodyBytes), response);
        return;
      }
      const caller = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) caller.abort();
      });
      const { method = '', url = '', rawHeaders, headers, socket } = request;
      const answer = await route(
        {
          method,
          target: url,
          headers: pairUp(rawHeaders),
          body,
          clientAddress: socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, ''),
          scheme: (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http',
          host: headers.host,
        },
        { signal: caller.signal },
      );
      await write(answer, response);
    } catch {
      // The caller or the endpoint left in the middle: what was sent so far must not look complete.
      response.destroy();
    }
  };
}

async function write({ status, headers, body }: RouterAnswer, response: ServerResponse): Promise<void> {
  try {
    response.writeHead(status, headers.flat());
    if (body instanceof Uint8Array) response.end(body);
    else await stream(body, response);
  } catch (error) {
    if (!(body instanceof Uint8Array)) body.destroy();
    throw error;
  }
}

/** What stream's `pipeline` does, at less cost for each answer; whoever calls it destroys both ends when it fails. */
function stream(body: Readable, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    if (body.destroyed || response.destroyed) return reject(new Error('One end is gone'));
    body.on('error', reject);
    response.on('error', reject);
    response.on('finish', resolve);
    response.on('close', () => {
      // An error costs a stack trace, and every answer is closed in the end.
      if (!response.writableFinished) reject(new Error('The caller left'));
    });
    return body.pipe(response);
  });
}

async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  const { 'content-length': announced, 'transfer-encoding': coding } = request.headers;
  if (Number(announced ?? 0) > limit) return undefined;
  if (announced === undefined && coding === undefined) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.pause();
        resolve(undefined);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.readableEnded) reject(new Error('The caller left'));
    });
  });
}
