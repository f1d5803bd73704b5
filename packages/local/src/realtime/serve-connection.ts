import type { Authorization } from '../authorize-request.ts';
import type { OpenRegistry } from '../open-registry.ts';

export interface ConnectionOptions {
  readonly registry: Pick<OpenRegistry, 'subscribe' | 'add'>;
  /** Who has opened the connection. */
  readonly authorization: Authorization;
  /** Who asks for a subscription, by the headers that came with it. */
  readonly authorize: (headers: unknown, body: string) => Authorization;
  readonly onRequest: (fields: readonly string[]) => void;
  readonly send: (message: object) => void;
  /** In bytes. */
  readonly countUnsent: () => number;
  /** Closes the connection once everything is sent. */
  readonly end: () => void;
  /** Closes it at once. */
  readonly cut: () => void;
}

export interface Connection {
  /** Takes a message, and says whether one like it is expected. */
  receive(text: string): boolean;
  close(): void;
}

interface ClientMessage {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly payload?: { readonly data?: unknown; readonly extensions?: { readonly authorization?: unknown } };
}

/** AppSync's limit. */
const maximumSubscriptions = 200;
/** Messages that wait for their turn, and bytes that the other side doesn't read. */
const maximumWaiting = 2 * maximumSubscriptions;
const maximumUnsent = 1024 * 1024;
const maximumIdLength = 128;

/** Answers the messages of one connection, one after the other. */
export function serveConnection(options: ConnectionOptions): Connection {
  const { registry, authorization, authorize, onRequest, send, countUnsent, end, cut } = options;
  const isAuthorized = 'mode' in authorization;
  /** By id, what ends it. */
  const subscriptions = new Map<string, () => void>();
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  let isClosed = false;

  const makeErrors = (errorType: string, message: string, errorCode = 400) => ({
    errors: [{ errorType, errorCode, message }],
  });

  function refuseStart(id: unknown, payload: object): void {
    onRequest(['denied']);
    send({ type: 'error', id, payload });
  }

  async function start(id: unknown, payload: ClientMessage['payload']): Promise<void> {
    const data = payload?.data;
    if (
      typeof id !== 'string' ||
      !id ||
      id.length > maximumIdLength ||
      typeof data !== 'string' ||
      subscriptions.has(id)
    )
      return refuseStart(
        id,
        makeErrors('BadRequestException', 'A start needs an id of its own, and its query as text.'),
      );
    if (subscriptions.size >= maximumSubscriptions) {
      const message = `Max number of ${maximumSubscriptions} subscriptions reached`;
      return refuseStart(id, makeErrors('MaxSubscriptionsReachedError', message));
    }
    const caller = authorize(payload?.extensions?.authorization, data);
    if (!('mode' in caller)) return refuseStart(id, makeErrors(caller.errorType, caller.message, caller.status));
    const found = await registry.subscribe(parseJson(data), caller);
    if (isClosed) return;
    if ('status' in found) return refuseStart(id, found.body);
    onRequest([found.field]);
    const remove = registry.add(found, (event) => {
      if (countUnsent() > maximumUnsent) cut();
      else send({ type: 'data', id, payload: event });
    });
    subscriptions.set(id, remove);
    send({ type: 'start_ack', id });
  }

  async function answer({ type, id, payload }: ClientMessage): Promise<void> {
    if (isClosed) return;
    if (!isAuthorized) {
      const { errorType, message, status } = authorization;
      onRequest(['denied']);
      send({ type: 'connection_error', payload: makeErrors(errorType, message, status) });
      return end();
    }
    if (type === 'connection_init') {
      send({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
      return send({ type: 'ka' });
    }
    if (type === 'start') return start(id, payload);
    if (type === 'stop' && typeof id === 'string') {
      subscriptions.get(id)?.();
      subscriptions.delete(id);
      return send({ type: 'complete', id });
    }
    send({ type: 'error', id, payload: makeErrors('UnsupportedOperation', `There is no message ${String(type)}`) });
  }

  return {
    receive(text) {
      const message = parseJson(text);
      if (typeof message !== 'object' || !message || ++waiting > maximumWaiting) {
        end();
        return false;
      }
      last = last.then(() => answer(message)).then(() => void waiting--, cut);
      return isAuthorized;
    },
    close() {
      isClosed = true;
      for (const remove of subscriptions.values()) remove();
      subscriptions.clear();
    },
  };
}

function parseJson(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
