import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import * as tls from 'node:tls';
import type { Dispatcher } from 'undici';
// Its index would load three times as much and replace the dispatcher of the application's own fetch.
import connect from 'undici/lib/api/api-connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { findProxies } from './find-proxies.ts';
import type { SendFailure, SendRequest } from '../../forward/send-request.ts';
import type { Upload, UploadSink } from '../../route/router-request.ts';

export interface SenderOptions {
  /** @default 3000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long an idle connection is kept: the endpoint may close it, too. @default 4000 */
  readonly idleMs?: number | undefined;
  /** To one host. @default 256 */
  readonly maximumConnections?: number | undefined;
  /** Certificate authorities besides Node's own, for private networks. */
  readonly ca?: string | undefined;
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read, in either case; this machine's own names are never proxied. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Makes the sender over undici's dispatcher, which hands an answer's bytes on as they arrive. Connections are kept alive.
 *
 * @example
 * ```ts
 * createRouterServer({ stage: 'Production', discovery: () => resolver, send: createSender({ ca }) });
 * ```
 */
export function createSender(options: SenderOptions = {}): SendRequest {
  const dispatcher = createDispatcher(options);

  return ({ origin, path, method, headers, body }, handler) => {
    let controller: Dispatcher.DispatchController | undefined;
    let isOver = false;
    const finish = (failure: SendFailure['failure'], error: Error) => {
      if (isOver) return;
      isOver = true;
      handler.onFailure({ failure, error });
    };
    const isStream = body !== undefined && !(body instanceof Uint8Array);
    dispatcher.dispatch(
      {
        origin,
        path,
        method,
        headers:
          isStream && body.length !== undefined
            ? [...headers, 'content-length', `${body.length}`]
            : (headers as string[]),
        ...(body && { body: isStream ? createBodyStream(body) : body }),
      },
      {
        onRequestStart(given) {
          // Thrown here, it leaves the connection usable.
          if (isOver) throw ended;
          controller = given;
        },
        onResponseStart(_, status) {
          if (isOver || (status > 101 && status < 200)) return;
          if (status >= 200) return handler.onHead(status, readHeaders(controller?.rawHeaders));
          finish('invalid', new Error(`The status is ${status}`));
          controller?.abort(ended);
        },
        onResponseData(_, chunk) {
          if (!isOver && !handler.onData(chunk)) controller?.pause();
        },
        onResponseEnd() {
          if (isOver) return;
          isOver = true;
          handler.onEnd();
        },
        onResponseError: (_, error) => finish(classify(error), error),
      },
    );
    return {
      resume: () => controller?.resume(),
      abort() {
        isOver = true;
        controller?.abort(ended);
      },
    };
  };
}

/** Made once: a stack trace costs more than the rest of a request. */
const ended = new Error('The exchange is over');

/** As much of a stream as undici needs of a body. It flows once there is a connection. */
function createBodyStream(body: Upload): Readable {
  const events = new EventEmitter();
  let isPaused = false;
  let isFlowing = false;
  const sink: UploadSink = {
    write(chunk) {
      isPaused = false;
      events.emit('data', chunk);
      return !isPaused;
    },
    end: () => void events.emit('end'),
    fail(error) {
      if (events.listenerCount('error') > 0) events.emit('error', error);
    },
  };
  const stream = {
    pipe() {},
    destroy() {},
    pause() {
      isPaused = true;
    },
    resume() {
      if (isFlowing) return body.resume();
      isFlowing = true;
      return body.flow(sink);
    },
  };
  return Object.assign(events, stream) as unknown as Readable;
}

function createDispatcher(options: SenderOptions): Dispatcher {
  const { connectTimeoutMs = 3000, idleMs = 4000, maximumConnections = 256, ca, env = process.env } = options;
  const secure = { timeout: connectTimeoutMs, ...(ca !== undefined && { ca: [...findAuthorities(), ca] }) };
  const pool = {
    connect: secure,
    connections: maximumConnections,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    // The router has a deadline for the whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const proxies = findProxies(env);
  return proxies
    ? new EnvHttpProxyAgent({ ...pool, requestTls: secure, proxyTls: secure, clientFactory, ...proxies })
    : new Agent(pool);
}

/** Connections to a proxy, with the method that opens tunnels, which only undici's index adds to them. */
function clientFactory(origin: URL, options: object): Dispatcher {
  return Object.assign(new Pool(origin, options), { connect });
}

/** Those that Node would use, with NODE_EXTRA_CA_CERTS where this Node lists them. */
function findAuthorities(): readonly string[] {
  const { getCACertificates, rootCertificates } = tls as typeof tls & { getCACertificates?: () => readonly string[] };
  return getCACertificates?.() ?? rootCertificates;
}

function readHeaders(raw: Dispatcher.DispatchController['rawHeaders']): readonly string[] {
  return (raw as readonly Buffer[]).map((part) => part.toString('latin1'));
}

/** undici has neither codes nor names of its own for all that can be wrong with an answer. */
function classify(error: Error): SendFailure['failure'] {
  const { code = '', name, message } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'late';
  if (/^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED)$/.test(code)) return 'unsendable';
  const isInvalid = name === 'HTTPParserError' || /^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_|ERR_ASSERTION)/.test(code);
  return isInvalid || /^bad (response|upgrade)$/.test(message) ? 'invalid' : 'unreachable';
}
