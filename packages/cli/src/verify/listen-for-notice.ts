import { idlePause } from '@amplify-discovery/core';
import { watchStages } from '@amplify-discovery/registry/notices';
import type { Lab } from './lab.ts';

export interface NoticeListener {
  /** Resolves once AppSync has accepted the subscription. */
  readonly started: Promise<void>;
  /** Resolves with the first notice. */
  readonly received: Promise<void>;
}

const waitMs = 60_000;

/** Subscribes to the stage with the API key, as a browser does, until a notice has come. Rejects after a minute with why none has. */
export async function listenForNotice({ deployed, stage, findWebSocket, now, signal }: Lab): Promise<NoticeListener> {
  const WebSocket = await findWebSocket();
  if (!WebSocket) throw new Error('there is nothing to connect with');
  const over = new AbortController();
  const started = defer();
  const received = defer();
  let lost = 'no notice arrived within a minute';
  const fail = () => {
    over.abort();
    started.reject(new Error(lost));
    received.reject(new Error(lost));
  };
  AbortSignal.any([signal, AbortSignal.timeout(waitMs)]).addEventListener('abort', fail, over);
  let isStarted = false;
  watchStages({
    url: deployed.url,
    stages: [stage],
    WebSocket,
    authorize: async (url) => ({ host: new URL(url).host, 'x-api-key': deployed.apiKey }),
    onChange() {
      if (isStarted) {
        over.abort();
        received.resolve();
      }
      isStarted = true;
      started.resolve();
    },
    onState(isConnected, reason = '') {
      if (!isConnected && !over.signal.aborted) lost = `no notice arrived within a minute: ${reason}`;
    },
    signal: over.signal,
    pause: idlePause,
    now,
    random: Math.random,
  });
  return { started: started.promise, received: received.promise };
}

function defer() {
  let resolve = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });
  // Whoever waits hears it; one that fails before may have no one yet.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
