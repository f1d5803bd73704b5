import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConsoleHandler } from './create-console-handler.ts';

/** A request listener of `node:http` that answers by the handler. */
export function createConsoleListener({
  handle,
}: ConsoleHandler): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (message, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const request = readRequest(message, gone.signal);
    if (!request) {
      response.writeHead(400).end();
      return;
    }
    const { status, headers, body } = await handle(request);
    response.writeHead(status, Object.fromEntries(headers));
    response.flushHeaders();
    // A page that is closed in the middle of an answer is no failure.
    if (body) await pipeline(Readable.fromWeb(body as never), response).catch(() => {});
    else response.end();
  };
}

function readRequest(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '/', headers } = message;
  try {
    return new Request(new URL(url, `http://${headers.host}`), {
      method,
      headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
      signal,
      ...(method !== 'GET' && method !== 'HEAD' && { body: Readable.toWeb(message) as ReadableStream, duplex: 'half' }),
    });
  } catch {
    return undefined;
  }
}
