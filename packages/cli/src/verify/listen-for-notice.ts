import type { Lab } from './lab.ts';

export interface NoticeListener {
  /** Resolves once AppSync has accepted the subscription. */
  readonly started: Promise<void>;
  /** Resolves with the first notice. */
  readonly received: Promise<void>;
}

/** Needs a WebSocket of the platform, which Node.js has since 22. */
const waitMs = 60_000;

/**
 * Subscribes to the stage as a browser with an API key does:
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
export function listenForNotice(lab: Lab): NoticeListener {
  const { WebSocket } = globalThis as { WebSocket?: typeof globalThis.WebSocket };
  if (WebSocket === undefined) {
    const missing = Promise.reject(new Error('Node.js has a WebSocket since version 22'));
    missing.catch(() => {});
    return { started: missing, received: missing };
  }
  const { url, apiKey } = lab.deployed;
  const { host } = new URL(url);
  const authorization = { host, 'x-api-key': apiKey };
  const header = Buffer.from(JSON.stringify(authorization)).toString('base64url');
  const socket = new WebSocket(url.replace('https:', 'wss:').replace('appsync-api', 'appsync-realtime-api'), [
    'graphql-ws',
    `header-${header}`,
  ]);
  const started = defer();
  const received = defer();
  const fail = (error: Error) => {
    started.reject(error);
    received.reject(error);
    socket.close();
  };
  received.promise.catch(() => {});
  const late = AbortSignal.any([lab.signal, AbortSignal.timeout(waitMs)]);
  late.addEventListener('abort', () => fail(new Error('no notice arrived within a minute')), { once: true });
  socket.addEventListener('error', () => fail(new Error(`the connection to ${socket.url} failed`)));
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  socket.addEventListener('message', ({ data }) => {
    const { type, payload } = JSON.parse(String(data)) as { type: string; payload?: unknown };
    if (type === 'connection_ack') socket.send(JSON.stringify(makeStart(lab.stage, authorization)));
    if (type === 'start_ack') started.resolve();
    if (type === 'data') {
      received.resolve();
      socket.close();
    }
    if (type === 'error' || type === 'connection_error') fail(new Error(JSON.stringify(payload)));
  });
  return { started: started.promise, received: received.promise };
}

function makeStart(stage: string, authorization: object): object {
  const query = 'subscription ($stage: String!) { onStageChange(stage: $stage) { stage revision } }';
  return {
    id: 'verify',
    type: 'start',
    payload: { data: JSON.stringify({ query, variables: { stage } }), extensions: { authorization } },
  };
}

function defer() {
  let resolve = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });
  return { promise, resolve, reject };
}
