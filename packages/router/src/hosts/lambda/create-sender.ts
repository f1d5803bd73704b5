import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { SendFailure, SendRequest } from '../../forward/send-request.ts';
import type { Upload } from '../../route/router-request.ts';

export interface LambdaSenderOptions {
  /** @default 3000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long an idle connection is kept: the endpoint may close it, too. @default 4000 */
  readonly idleMs?: number | undefined;
  /** To one host. @default 256 */
  readonly maximumConnections?: number | undefined;
  /** Certificate authorities besides Node's own, for private networks. */
  readonly ca?: string | undefined;
  /** With NODE_USE_ENV_PROXY=1, HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read from it, from Node 24 on. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Methods whose requests have no length unless they have a body; others announce an empty one. */
const bodiless = /^(GET|HEAD|DELETE|OPTIONS|TRACE)$/;

/**
 * Makes the sender of a Lambda function, over node:http and node:https: a small bundle, and fit for a process that is frozen
 * between invocations. Whether a connection is too old is decided by the clock at its next use, because timers stand still
 * meanwhile.
 */
export function createSender(options: LambdaSenderOptions = {}): SendRequest {
  const { connectTimeoutMs = 3000, idleMs = 4000, now = Date.now } = options;
  const agents = createAgents(options);
  let usedAt = now();

  function closeIdle(): void {
    for (const agent of Object.values(agents)) {
      for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
    }
  }

  return ({ origin, path, method, headers, body }, handler) => {
    if (Math.abs(now() - usedAt) > idleMs) closeIdle();
    usedAt = now();
    let isOver = false;
    let connectTimer: ReturnType<typeof setTimeout> | undefined;
    let answer: IncomingMessage | undefined;
    let sent: ClientRequest | undefined;
    const fail = (failure: SendFailure['failure'], error: Error) => {
      clearTimeout(connectTimer);
      if (isOver) return;
      isOver = true;
      (answer ?? sent)?.destroy();
      handler.onFailure({ failure, error });
    };
    try {
      const { protocol, hostname, port, host } = new URL(origin);
      const isSecure = protocol === 'https:';
      // As lines, which Node checks and sends as they are: nothing is looked up, merged or copied for each name.
      const lines = ['host', host, ...headers, ...describeLength(method, body)];
      sent = (isSecure ? requestHttps : requestHttp)({
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port: port || (isSecure ? 443 : 80),
        path,
        method,
        headers: lines,
        agent: isSecure ? agents['https:'] : agents['http:'],
      });
      sent.on('socket', (socket) => {
        if (!socket.connecting) return;
        connectTimer = setTimeout(() => {
          const what = `No connection in ${connectTimeoutMs} ms`;
          fail('late', Object.assign(new Error(what), { code: 'ETIMEDOUT' }));
        }, connectTimeoutMs);
        socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connectTimer));
      });
      sent.on('upgrade', (_, socket) => {
        socket.destroy();
        fail('invalid', new Error('The endpoint changed the protocol without being asked to'));
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // Other idle connections may be as dead as this one.
        if (sent?.reusedSocket) closeIdle();
        fail(/^HPE_/.test(error.code ?? '') ? 'invalid' : 'unreachable', error);
      });
      sent.on('response', (response) => {
        answer = response;
        clearTimeout(connectTimer);
        response.on('error', (error) => fail('unreachable', error));
        response.on('close', () => {
          usedAt = now();
          if (!response.complete) fail('unreachable', new Error('The answer ended in the middle'));
        });
        if (isOver) return;
        const { statusCode: status = 0, rawHeaders } = response;
        if (status < 200) return fail('invalid', new Error(`The status is ${status}`));
        response.on('data', (chunk: Buffer) => {
          if (!isOver && !handler.onData(chunk)) response.pause();
        });
        response.on('end', () => {
          if (isOver || !response.complete) return;
          isOver = true;
          handler.onEnd();
        });
        handler.onHead(status, rawHeaders);
      });
      if (body === undefined || body instanceof Uint8Array) sent.end(body?.length ? body : undefined);
      else stream(body, sent, (error) => fail('unreachable', error));
    } catch (error) {
      // Later, so that `send` has returned before its handler is called.
      queueMicrotask(() => fail('unsendable', error as Error));
    }
    return {
      resume: () => answer?.resume(),
      abort() {
        isOver = true;
        clearTimeout(connectTimer);
        (answer ?? sent)?.destroy();
      },
    };
  };
}

function createAgents({ maximumConnections = 256, ca, env = process.env }: LambdaSenderOptions) {
  const pool = {
    keepAlive: true,
    maxSockets: maximumConnections,
    maxFreeSockets: 64,
    ...(env.NODE_USE_ENV_PROXY === '1' && { proxyEnv: env }),
  };
  return {
    'http:': new HttpAgent(pool),
    'https:': new HttpsAgent({ ...pool, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) }),
  };
}

function describeLength(method: string, body: Uint8Array | Upload | undefined): readonly string[] {
  if (body && !(body instanceof Uint8Array) && body.length === undefined) return ['transfer-encoding', 'chunked'];
  return body?.length || !bodiless.test(method) ? ['content-length', `${body?.length ?? 0}`] : [];
}

function stream(body: Upload, sent: ClientRequest, fail: (error: Error) => void): void {
  sent.on('drain', () => body.resume());
  body.flow({ write: (chunk) => sent.write(chunk), end: () => void sent.end(), fail });
}
