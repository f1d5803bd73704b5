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
  /** Called with true when notices arrive, and with false and the reason when a connection is lost, can't be had, or is ended. */
  readonly onState: (isConnected: boolean, reason?: string) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
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

interface ServerMessage {
  readonly type: string;
  readonly id?: number;
  readonly payload?: {
    readonly connectionTimeoutMs?: number;
    readonly errors?: readonly { readonly message?: string }[];
  };
}

/** Per connection: AppSync takes 200. */
const maximumStages = 100;
const minuteMs = 60_000;

/**
 * Subscribes to the notices of stages over one connection, by AppSync's protocol; gives what adds a stage. A connection that is
 * lost, silent for longer than the server promised, or older than a sleep of the machine, is replaced: after up to 4 seconds,
 * twice as many after each attempt that failed, a minute at most, all at random.
 */
export function watchStages(options: WatchOptions): (stage: string) => void {
  const { url, WebSocket, authorize, onChange, onState, signal, pause, now, random } = options;
  const stages = [...options.stages];
  let subscribe: ((stage: string) => void) | undefined;

  /** Resolves with the reason when the connection is over. */
  async function connect(): Promise<string> {
    const header = btoa(JSON.stringify(await authorize(`${url}/connect`, '{}')));
    const token = header.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    return new Promise((resolve) => {
      if (signal.aborted) return resolve('');
      const over = new AbortController();
      const socket = new WebSocket(findRealtimeUrl(url), ['graphql-ws', `header-${token}`]);
      // Until the server says how long it may be silent.
      let silenceMs = 15_000;
      let heardAt = now();
      let refused = 0;

      const send = (message: object) => socket.send(JSON.stringify(message));
      const end = (reason = 'It was closed, or refused'): void => {
        // What comes late from a connection must not end the next one.
        if (over.signal.aborted) return;
        subscribe = undefined;
        over.abort();
        resolve(reason);
        socket.close();
      };

      async function start(stage: string): Promise<void> {
        const query = 'subscription($s:String!){onStageChange(stage:$s){stage revision}}';
        const data = JSON.stringify({ query, variables: { s: stage } });
        const authorization = await authorize(url, data);
        send({ type: 'start', id: `${stages.indexOf(stage)}`, payload: { data, extensions: { authorization } } });
      }

      function receive({ type, id, payload }: ServerMessage): void {
        if (type === 'connection_ack') {
          silenceMs = payload!.connectionTimeoutMs!;
          subscribe = (stage) => void start(stage).catch(() => end());
          stages.forEach(subscribe);
        }
        if (type === 'start_ack') onState(true);
        if (type === 'start_ack' || type === 'data') onChange(stages[id!]!);
        // One stage that is refused leaves the others, which may be other pages'.
        if (type === 'connection_error' || (type === 'error' && ++refused >= stages.length))
          end(payload?.errors?.[0]?.message);
      }

      async function check(): Promise<void> {
        for (;;) {
          const checkedAt = now();
          await pause(10_000, over.signal);
          // A check that comes late finds a machine that has slept, or a clock that was set.
          if (Math.abs(now() - checkedAt) > minuteMs || Math.abs(now() - heardAt) > silenceMs)
            end('Nothing was received');
        }
      }

      signal.addEventListener('abort', () => end(''), over);
      void check();
      socket.onopen = () => send({ type: 'connection_init' });
      socket.onmessage = ({ data }: { data: string }) => {
        heardAt = now();
        try {
          receive(JSON.parse(data) as ServerMessage);
        } catch {
          end();
        }
      };
      socket.onerror = socket.onclose = () => end();
    });
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const startedAt = now();
      const reason = await connect().catch((error: unknown) => (Object(error) as { message?: unknown }).message);
      onState(false, typeof reason === 'string' ? reason : undefined);
      if (Math.abs(now() - startedAt) > minuteMs) failures = 0;
      await pause(random() * Math.min(minuteMs, 4000 * 2 ** failures), signal);
    }
  }

  void run();
  return (stage) => {
    if (stages.includes(stage) || stages.length >= maximumStages) return;
    stages.push(stage);
    subscribe?.(stage);
  };
}
