import { createServer } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { dispatchRequests, type LocalHandler } from './dispatch-requests.ts';
import { closeServer, listen } from './listen.ts';

export interface LocalServerOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number | undefined;
  /** The address that it listens on. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /**
   * Names and addresses by which it may be called, beside this machine's own and `host`. Requests for other hosts are refused,
   * which stops DNS rebinding.
   *
   * @default none
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** By the path at and below which each answers; the empty path is for everything else: `{ '/v1': listener }`. */
  readonly handlers: Readonly<Record<string, LocalHandler>>;
}

export interface LocalServer {
  /** Without a slash at its end: `http://127.0.0.1:8500`. */
  readonly url: string;
  readonly port: number;
  /** Ends open connections. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Serves handlers on this machine behind the checks that the local registry has: requests for another host, and those of other
 * machines' pages, are refused before a handler sees them.
 *
 * @throws DiscoveryError `InvalidOptions` when the port is taken or the address can't be used.
 *
 * @example
 * ```ts
 * const server = await startLocalServer({ handlers: { '/hello': (_request, response) => void response.end('hello') } });
 * console.log(await (await fetch(`${server.url}/hello`)).text());
 * await server.stop();
 * ```
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { port = 0, host = '127.0.0.1', allowedHosts = [], handlers } = options;
  const server = createServer();
  const answer = dispatchRequests(handlers, () => {}, [host, ...allowedHosts]);
  server.on('request', (request, response) => void answer(request, response).catch(() => response.destroy()));
  await listen(server, port, host);
  const { port: given } = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${given}`,
    port: given,
    stop: () => (stopping ??= closeServer(server)),
  };
}
