import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { findForeignCaller } from '@amplify-discovery/core';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { authorizeRequest, type AcceptedCredentials, type Authorization } from '../authorize-request.ts';
import type { OpenRegistry } from '../open-registry.ts';
import { serveConnection } from './serve-connection.ts';

export interface RealtimeOptions {
  readonly registry: Pick<OpenRegistry, 'subscribe' | 'add'>;
  readonly credentials: AcceptedCredentials;
  readonly now: () => number;
  /** Called with the field of each subscription that begins, and with `denied` for each refused one. */
  readonly onRequest: (fields: readonly string[]) => void;
  /** A connection that has asked for nothing by then is closed. @default 15_000 */
  readonly idleMs?: number | undefined;
}

const path = '/graphql/realtime';
const subprotocol = 'graphql-ws';
/** AppSync's limits: of a message, and of a connection. */
const maximumBytes = 240 * 1024;
const maximumAgeMs = 24 * 60 * 60_000;
const keepAliveMs = 60_000;

/**
 * Serves subscriptions at `/graphql/realtime` of the server, by AppSync's protocol: what proves who is asking comes in a
 * subprotocol, and with each subscription again. Connections from elsewhere than this machine are refused, as requests are.
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
export function serveRealtime(server: Server, options: RealtimeOptions): { close(): void } {
  const { registry, credentials, now, onRequest, idleMs = 15_000 } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maximumBytes,
    handleProtocols: () => subprotocol,
  });
  const openedAt = new Map<WebSocket, number>();

  function refuse(socket: Duplex, status: string): void {
    onRequest(['denied']);
    // Destroyed as well: the server no longer counts it among its own, and would wait for it for ever.
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
  }

  function open(socket: WebSocket, { headers }: IncomingMessage): void {
    /** The caller, by the headers inside a message that sign a POST of the body to this path. */
    function authorize(url: string, given: unknown, body: string): Authorization {
      const entries = Object.entries(Object(given) as object).filter(([, value]) => typeof value === 'string');
      const own = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
      if (own.host === headers.host)
        return authorizeRequest({ method: 'POST', url, headers: own, body: Buffer.from(body) }, credentials, now());
      return { status: 401, errorType: 'UnauthorizedException', message: 'The host is not that of the registry.' };
    }

    openedAt.set(socket, now());
    const { receive, close } = serveConnection({
      registry,
      authorization: authorize('/graphql/connect', readHeader(headers['sec-websocket-protocol']), '{}'),
      authorize: (given, body) => authorize('/graphql', given, body),
      onRequest,
      send: (message) => socket.send(JSON.stringify(message)),
      countUnsent: () => socket.bufferedAmount,
      end: () => socket.close(1008),
      cut: () => socket.terminate(),
    });
    const idle = setTimeout(() => socket.terminate(), idleMs);
    socket.on('message', (data: RawData, isBinary) => {
      if (receive(isBinary ? '' : `${data as Buffer}`)) clearTimeout(idle);
    });
    // One that breaks the protocol, or sends too much, is closed by ws itself.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(idle);
      openedAt.delete(socket);
      close();
    });
  }

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (findForeignCaller(request.headers)) return refuse(socket, '403 Forbidden');
    if (request.url?.split('?', 1)[0] !== path) return refuse(socket, '404 Not Found');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    if (!offered.includes(subprotocol)) return refuse(socket, '400 Bad Request');
    sockets.handleUpgrade(request, socket, head, (accepted) => open(accepted, request));
  });

  const keepAlive = setInterval(() => {
    for (const [socket, time] of openedAt) {
      if (now() - time > maximumAgeMs) socket.close(1000);
      else socket.send('{"type":"ka"}');
    }
  }, keepAliveMs);

  return {
    close() {
      clearInterval(keepAlive);
      for (const socket of openedAt.keys()) socket.terminate();
      sockets.close();
    },
  };
}

/** The JSON that a subprotocol `header-…` carries, in base64url. */
function readHeader(offered = ''): unknown {
  const [, text = ''] = /(?:^|[\s,])header-([\w-]+)/.exec(offered) ?? [];
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
