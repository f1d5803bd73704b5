import { DiscoveryError } from '@amplify-discovery/core';
import type { System } from '../../system.ts';
import { createZoneFileTarget } from '../create-zone-file-target.ts';

/** `zone-file:internal.example@/var/lib/bind/internal.example.zone` */
export const zoneFileSystem: System = {
  address: 'ZONE@FILE',
  summary: 'A zone file of BIND, or one that a zone file includes; read it as dns:ZONE.',
  createTarget: async (address) => {
    const [, zone, file] = /^([a-z\d_-]+(?:\.[a-z\d_-]+)*)\.?@(.+)$/is.exec(address) ?? [];
    if (zone !== undefined && file !== undefined) return createZoneFileTarget({ zone, file });
    const wanted = 'a zone and a file: zone-file:internal.example@/var/lib/bind/internal.example.zone';
    throw new DiscoveryError('InvalidOptions', `zone-file: "${address}" is not ${wanted}`);
  },
};
