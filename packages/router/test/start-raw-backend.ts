import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface RawBackend {
  readonly url: string;
  readonly port: number;
  /** Every connection that was ever opened to it. */
  readonly sockets: readonly Socket[];
  stop(): Promise<void>;
}

/** A service on 127.0.0.1 that need not speak HTTP. `act` gets each connection with the text of the head that came on it. */
export async function startRawBackend(act: (socket: Socket, head: string) => void): Promise<RawBackend> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => {
      if (text.includes('\r\n\r\n')) return;
      text += chunk.toString('latin1');
      if (text.includes('\r\n\r\n')) act(socket, text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
