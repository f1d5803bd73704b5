import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { pipeline } from 'node:stream/promises';
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
    else await pipeline(body, response);
  } catch (error) {
    if (!(body instanceof Uint8Array)) body.destroy();
    throw error;
  }
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
