import { DiscoveryError } from '@amplify-discovery/core';
import type { System } from '../system.ts';
import { createRoute53Target } from './create-route53-target.ts';

/** `route53:Z0123456789ABCDEFGHIJ`, with the AWS credentials of the program. */
export const route53System: System = {
  address: 'ZONE-ID',
  summary: 'A hosted zone of Amazon Route 53, by its id; read it as dns:ZONE.',
  createTarget: async (hostedZoneId, { env, fetch, region, findCredentials }) => {
    if (!/^[A-Z\d]{1,32}$/.test(hostedZoneId)) {
      throw new DiscoveryError('InvalidOptions', `route53: "${hostedZoneId}" is not the id of a hosted zone (Z0123…)`);
    }
    const endpoint = env['AWS_ENDPOINT_URL_ROUTE_53'] ?? env['AWS_ENDPOINT_URL'];
    return createRoute53Target({
      hostedZoneId,
      fetch,
      credentials: await findCredentials(),
      ...(region !== undefined && { region }),
      ...(endpoint && { endpoint }),
    });
  },
};
