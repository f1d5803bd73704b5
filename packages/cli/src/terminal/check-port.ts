import { DiscoveryError } from '@amplify-discovery/core';

/** The port that `--port` names. @throws DiscoveryError `InvalidOptions` for one that no server can have. */
export function checkPort(port: number): number {
  if (Number.isInteger(port) && port <= 65_535) return port;
  throw new DiscoveryError('InvalidOptions', `--port must be a whole number from 0 to 65535: it is ${port}`);
}
