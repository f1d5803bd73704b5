import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** The `host:port` of each tunnel that was asked for so far. */
  readonly tunnelled: string[];
  stop(): Promise<void>;
}

/** An HTTP proxy on 127.0.0.1 that makes tunnels (CONNECT), all of them to one port of this machine, whatever the name asked for. */
export async function startConnectProxy(targetPort: number): Promise<ConnectProxy> {
  const tunnelled: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', (request, socket: Socket) => {
    tunnelled.push(request.url ?? '');
    const behind = connect(targetPort, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const end of [behind, socket]) sockets.add(end.on('error', () => {}));
    behind.pipe(socket).pipe(behind);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnelled,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
