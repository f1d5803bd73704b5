import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { createRouter } from '../../create-router.ts';
import { resolveLimits } from '../../route/check-request.ts';
import type { RouterOptions } from '../../router-options.ts';
import { createBudget } from './create-budget.ts';
import { createSender } from './create-sender.ts';
import { readUpload } from './read-upload.ts';

export interface RouterListenerOptions extends RouterOptions {
  /** How long to wait for a connection to an endpoint, unless `send` is given. @default 3000 */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * The memory that bodies share: whole ones that are signed (`iam`), the beginnings of others. When it is used up, signed
   * requests are refused with 503, and other bodies are streamed from the start.
   *
   * @default 64 MiB
   */
  readonly maximumBufferedBytes?: number | undefined;
  /** How long a caller may go on sending once it has its answer. @default 1000 */
  readonly lingerMs?: number | undefined;
}

/** What may wait for a slow caller before the endpoint is paused. */
const maximumWaitingBytes = 256 * 1024;

/**
 * A request listener for node:http. Bodies are streamed in both directions. Never throws.
 *
 * @example
 * ```ts
 * createServer(createRouterListener({ stage: 'Production', discovery: () => resolver })).listen(8080, '127.0.0.1');
 * ```
 */
export function createRouterListener(
  options: RouterListenerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { connectTimeoutMs, maximumBufferedBytes = 64 * 1024 * 1024, lingerMs = 1000 } = options;
  const { maximumBodyBytes: maximumBytes } = resolveLimits(options);
  const router = createRouter({ ...options, send: options.send ?? createSender({ connectTimeoutMs }) });
  const budget = createBudget(maximumBufferedBytes);

  return (request, response) => {
    const { method = '', url = '', rawHeaders, headers, socket } = request;
    const given = {
      method,
      target: url,
      headers: rawHeaders,
      body: readUpload(request, { maximumBytes, budget }),
      clientAddress: socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, ''),
      scheme: (socket as Partial<TLSSocket>).encrypted ? ('https' as const) : ('http' as const),
      host: headers.host,
    };
    const exchange = router.forward(given, router.plan(given), {
      start: (status, lines) => void response.writeHead(status, lines as string[]),
      write: (chunk) => response.write(chunk) || response.writableLength < maximumWaitingBytes,
      end() {
        response.end();
        if (!request.complete) linger(request, lingerMs);
      },
      breakOff: () => void response.destroy(),
    });
    response.on('drain', exchange.resume);
    response.on('close', exchange.cancel);
  };
}

/** Closes the connection of a caller that goes on sending, but not at once: a reset could overtake the answer. */
function linger(request: IncomingMessage, lingerMs: number): void {
  const timer = setTimeout(() => request.socket.destroySoon(), lingerMs).unref();
  request.once('end', () => clearTimeout(timer));
}
