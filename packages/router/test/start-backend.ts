import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface Backend {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Every connection that was ever opened to it. */
  readonly connections: number;
  stop(): Promise<void>;
}

export type Respond = (request: SeenRequest, response: ServerResponse, raw: IncomingMessage) => void;

/** A service on 127.0.0.1 that remembers what reached it. */
export async function startBackend(respond: Respond = (_request, response) => response.end('ok')): Promise<Backend> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((raw, response) => {
    const chunks: Buffer[] = [];
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    raw.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = raw;
      const seen = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) };
      requests.push(seen);
      respond(seen, response, raw);
    });
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
