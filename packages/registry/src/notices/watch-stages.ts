import type { Pause } from '@amplify-discovery/core';
import { findRealtimeUrl } from './find-realtime-url.ts';

export interface WatchOptions {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  readonly stages: readonly string[];
  /** The platform's, or that of `ws`. */
  readonly WebSocket: new (url: string, protocols: string[]) => NoticeSocket;
  /** Gives the headers that prove who is asking, the host among them, for a POST of this body to this URL. */
  readonly authorize: (url: string, body: string) => Promise<Readonly<Record<string, string>>>;
  /** Called when a stage may have changed: with each notice, and whenever its subscription starts, since earlier ones were missed. */
  readonly onChange: (stage: string) => void;
  /** Called with true when notices begin to arrive, and with false and the reason when a connection is lost or can't be had. */
  readonly onState: (isConnected: boolean, reason?: string) => void;
  readonly pause: Pause;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
}

/** What is needed of a WebSocket. */
export interface NoticeSocket {
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  send(text: string): void;
  close(): void;
}

export interface StageWatch {
  /** Watches this stage as well. */
  add(stage: string): void;
  /** Connects now, if it is waiting to. */
  retry(): void;
  stop(): void;
}

interface ServerMessage {
  readonly type?: string;
  readonly id?: string;
  readonly payload?: {
    readonly connectionTimeoutMs?: number;
    readonly errors?: readonly { readonly errorType?: string; readonly message?: string }[];
  };
}

/** Per connection: AppSync takes 200. */
const maximumStages = 100;
/** A check that comes later than this finds a machine that has slept, or a clock that was set. */
const sleptMs = 40_000;
const checkMs = 10_000;
/** Until the server says how long it may be silent. */
const handshakeMs = 15_000;
const longestSilenceMs = 300_000;

/**
 * Subscribes to the notices of stages over one connection, by AppSync's protocol, until it is stopped. A connection that is lost,
 * silent for longer than the server promised, or older than a sleep of the machine, is replaced: after up to 4 seconds, twice
 * as many after each attempt that failed, a minute at most, all at random.
 */
export function watchStages(options: WatchOptions): StageWatch {
  const { url, WebSocket, authorize, onChange, onState, pause, now, random } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const stages = [...options.stages];
  let subscribe: ((stage: string) => void) | undefined;
  let retry = () => {};

  /** Resolves with the reason when the connection is over. */
  async function connect(): Promise<string> {
    const header = btoa(JSON.stringify(await authorize(`${url}/connect`, '{}')));
    const token = header.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    if (signal.aborted) return '';
    const over = new AbortController();
    return new Promise((resolve) => {
      const socket = new WebSocket(findRealtimeUrl(url), ['graphql-ws', `header-${token}`]);
      let heardAt = now();
      let silenceMs = handshakeMs;
      let refused = 0;

      const send = (message: object) => over.signal.aborted || socket.send(JSON.stringify(message));

      function end(reason: string): void {
        subscribe = undefined;
        over.abort();
        signal.removeEventListener('abort', stop);
        resolve(reason);
        socket.close();
      }
      const stop = () => end('');

      async function start(stage: string): Promise<void> {
        const data = JSON.stringify({
          query: 'subscription($s:String!){onStageChange(stage:$s){stage revision}}',
          variables: { s: stage },
        });
        const authorization = await authorize(url, data);
        send({ id: `${stages.indexOf(stage)}`, type: 'start', payload: { data, extensions: { authorization } } });
      }

      async function check(): Promise<void> {
        for (let checkedAt = now(); ; checkedAt = now()) {
          await pause(checkMs, over.signal);
          if (Math.abs(now() - checkedAt) > sleptMs) end('The machine has slept');
          if (Math.abs(now() - heardAt) > silenceMs) end(`Nothing was received for ${silenceMs / 1000} s`);
        }
      }

      function receive({ type = '', id = '', payload }: ServerMessage): void {
        const stage = stages[Number(id)];
        const [error] = payload?.errors ?? [];
        if (type === 'connection_ack') {
          silenceMs = Math.min(payload?.connectionTimeoutMs || longestSilenceMs, longestSilenceMs);
          subscribe = (name) => void start(name).catch((failure: Error) => end(failure.message));
          stages.forEach(subscribe);
        }
        if (type === 'start_ack') onState(true);
        if (/^(start_ack|data)$/.test(type) && stage) onChange(stage);
        // One stage that is refused leaves the others; they may be other pages'.
        if (type === 'connection_error' || (type === 'error' && ++refused >= stages.length))
          end(error?.message || error?.errorType || 'It was refused');
      }

      signal.addEventListener('abort', stop);
      void check();
      socket.onopen = () => send({ type: 'connection_init' });
      socket.onmessage = ({ data }: { data: unknown }) => {
        heardAt = now();
        try {
          receive(JSON.parse(`${data}`) as ServerMessage);
        } catch {
          end('A message was malformed');
        }
      };
      socket.onerror = socket.onclose = () => end('The connection was closed, or refused');
    });
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const startedAt = now();
      const reason = await connect().catch((error: Error) => error.message);
      if (signal.aborted) return;
      if (Math.abs(now() - startedAt) > 60_000) failures = 0;
      onState(false, reason);
      await Promise.race([
        pause(random() * Math.min(60_000, 4000 * 2 ** failures), signal),
        new Promise<void>((resolve) => (retry = resolve)),
      ]);
    }
  }

  void run();
  return {
    add(stage) {
      if (stages.includes(stage) || stages.length >= maximumStages) return;
      stages.push(stage);
      subscribe?.(stage);
    },
    retry: () => retry(),
    stop: () => stopped.abort(),
  };
}
