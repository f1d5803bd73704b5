import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import type { ForwardHeaders } from './build-forward-headers.ts';
import type { Header } from './router-request.ts';

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: ForwardHeaders;
  readonly body?: Uint8Array | undefined;
  readonly connectTimeoutMs: number;
  /** Ends the exchange, also while the answer's body is being read. */
  readonly signal: AbortSignal;
}

/** An endpoint's answer as it came: not decompressed, redirects not followed. */
export interface EndpointAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Readable;
}

/** `unreachable`: no answer came and asking again may help. `timeout`: the time was over. `invalid`: what came is no HTTP. */
export interface SendFailure {
  readonly failure: 'unreachable' | 'timeout' | 'invalid';
  readonly error: Error;
}

/** Sends one request and never rejects. */
export type SendRequest = (request: OutgoingRequest) => Promise<EndpointAnswer | SendFailure>;

export interface SenderOptions {
  /** Connections that were not used for so long are closed instead of used again: the other end may have left meanwhile. @default 4000 */
  readonly idleMs?: number | undefined;
  /** To one host. @default 256 */
  readonly maximumConnections?: number | undefined;
  /** Certificate authorities besides Node's own, for private networks. */
  readonly ca?: string | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Methods whose requests have no length unless they have a body; of the others an empty one is told. */
const bodiless = /^(GET|HEAD|DELETE|OPTIONS|TRACE)$/;

/**
 * Makes the sender over node:http and node:https, which pass bodies and headers on as they are. Connections are kept alive;
 * whether one is too old is decided by the clock at its next use, not by a timer, because timers stand still while a
 * Lambda function is frozen.
 */
export function createSender(options: SenderOptions = {}): SendRequest {
  const { idleMs = 4000, maximumConnections = 256, ca, now = Date.now } = options;
  const pool = { keepAlive: true, maxSockets: maximumConnections, maxFreeSockets: 64 } as const;
  const agents = {
    'http:': new HttpAgent(pool),
    'https:': new HttpsAgent({ ...pool, ...(ca !== undefined && { ca }) }),
  };
  let usedAt = now();

  function closeIdle(): void {
    for (const agent of Object.values(agents)) {
      for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
    }
  }

  return ({ url, method, headers, body, connectTimeoutMs, signal }) => {
    if (Math.abs(now() - usedAt) > idleMs) closeIdle();
    usedAt = now();
    return new Promise((resolve) => {
      if (signal.aborted) return resolve({ failure: 'timeout', error: signal.reason as Error });
      const isSecure = url.protocol === 'https:';
      const content = body?.length ? body : undefined;
      // As lines, which Node checks and sends as they are: nothing is looked up, merged or copied for each name.
      const lines = ['host', url.host];
      for (const [name, value] of Object.entries(headers)) lines.push(name, value);
      if (content || !bodiless.test(method)) lines.push('content-length', `${content?.length ?? 0}`);
      const sent = (isSecure ? requestHttps : requestHttp)(url, {
        agent: isSecure ? agents['https:'] : agents['http:'],
        method,
        headers: lines,
      });
      let connectTimer: ReturnType<typeof setTimeout> | undefined;
      let isLate = false;
      let answer: IncomingMessage | undefined;
      const stop = () => {
        isLate = true;
        (answer ?? sent).destroy(signal.reason as Error);
      };
      signal.addEventListener('abort', stop);
      const release = () => {
        clearTimeout(connectTimer);
        signal.removeEventListener('abort', stop);
      };
      sent.on('socket', (socket) => {
        if (!socket.connecting) return;
        connectTimer = setTimeout(() => {
          isLate = true;
          sent.destroy(new Error(`No connection in ${connectTimeoutMs} ms`));
        }, connectTimeoutMs);
        socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connectTimer));
      });
      sent.on('response', (response) => {
        answer = response;
        clearTimeout(connectTimer);
        response.on('close', () => {
          release();
          usedAt = now();
        });
        resolve({ status: response.statusCode ?? 0, headers: pairUp(response.rawHeaders), body: response });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        release();
        // What else is idle may be as dead as this one was.
        if (sent.reusedSocket) closeIdle();
        const isInvalid = /^HPE_/.test(error.code ?? '');
        resolve({ failure: isLate ? 'timeout' : isInvalid ? 'invalid' : 'unreachable', error });
      });
      sent.end(content);
    });
  };
}

/** Node's flat list of names and values. */
export function pairUp(rawHeaders: readonly string[]): readonly Header[] {
  const headers: Header[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return headers;
}
