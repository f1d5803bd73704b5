import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createResolver, type Resolver } from '@amplify-discovery/core';
import { memorySource, type MemorySource } from '@amplify-discovery/test-rig';
import { createRouterServer, createSender, type RequestLine, type RouterServerOptions } from '../src/index.ts';

export interface TestRouter {
  readonly url: string;
  readonly port: number;
  readonly source: MemorySource;
  readonly resolver: Resolver;
  readonly log: readonly RequestLine[];
  readonly server: Server;
  /** Writes bytes to a fresh connection and gives everything that comes back until it is closed. */
  talk(bytes: string): Promise<string>;
  stop(): Promise<void>;
}

export interface TestRouterOptions extends Partial<RouterServerOptions> {
  readonly trustedHosts?: readonly string[];
  readonly recheckSeconds?: number;
}

/** A router for the stage `test`, on 127.0.0.1, over a source in memory. */
export async function startRouter(options: TestRouterOptions = {}): Promise<TestRouter> {
  const { trustedHosts = ['127.0.0.1:*'], recheckSeconds = 0, ...routerOptions } = options;
  const source = memorySource();
  const resolver = createResolver({ source, stage: 'test', trustedHosts, recheckSeconds });
  const log: RequestLine[] = [];
  const server = createRouterServer({
    stage: 'test',
    discovery: () => resolver,
    log: (line) => log.push(line),
    send: createSender(),
    ...routerOptions,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    source,
    resolver,
    log,
    server,
    talk: (bytes) => talk(port, bytes),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function talk(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}
