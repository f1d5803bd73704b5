import type { Server } from 'node:http';
import { DiscoveryError } from '@amplify-discovery/core';

/**
 * Opens the port, on this machine alone unless another address is given.
 *
 * @throws DiscoveryError `InvalidOptions` when it is taken or can't be used.
 */
export function listen(server: Server, port: number, host = '127.0.0.1'): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const found = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.message})`;
      reject(
        new DiscoveryError('InvalidOptions', `Port ${port} on ${host} ${found}. Choose another one, or 0 for any.`, {
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Ends open connections and frees the port. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
