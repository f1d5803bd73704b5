import { DiscoveryError, isLocalHost, isName, parseTarget } from '@amplify-discovery/core';
import { deregisterEndpoint, listStageRecords, registerEndpoint } from '@amplify-discovery/registry/operations';
import type { Connection } from '../registry/connect-registry.ts';

/** Holds the records of services that `discovery dev --service` names. */
const owner = 'discovery dev';

/** The services in words such as `orders=http://localhost:3000`, by their names. @throws DiscoveryError `InvalidOptions` */
export function parseServices(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const [, service = '', text = ''] = /^([^=]+)=(.+)$/s.exec(word) ?? [];
      const target = parseTarget(text, 'http');
      if (!isName(service) || target === undefined || !isLocalHost(new URL(target).hostname))
        throw new DiscoveryError(
          'InvalidOptions',
          `--service: "${word}" is not NAME=URL with a URL on this machine, such as orders=http://localhost:3000`,
        );
      return [service, target];
    }),
  );
}

/** Registers the services in the stage, and removes those of an earlier run that are not among them. */
export async function layServices(
  { transport, operation }: Connection,
  stage: string,
  services: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { service, id, owner: holder } of await listStageRecords(transport, stage, operation))
    if (holder === owner && !services.has(service))
      await deregisterEndpoint(transport, { stage, service, id, owner }, operation);
  for (const [service, target] of services)
    await registerEndpoint(transport, { stage, service, kind: 'http', target, owner }, operation);
}
