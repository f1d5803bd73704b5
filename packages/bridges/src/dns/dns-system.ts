import { DiscoveryError } from '@amplify-discovery/core';
import type { System } from '../system.ts';
import { createDnsSource } from './create-dns-source.ts';

/** `dns:internal.example`, `dns:internal.example@10.0.0.53:53`, `dns:internal.example/users,orders`. */
export const dnsSystem: System = {
  address: 'ZONE[@SERVER[:PORT]][/SERVICE,…]',
  summary: 'SRV and TXT records; without services those that the stage’s index lists.',
  createSource: async (address) => createDnsSource(parseAddress(address)),
};

function parseAddress(address: string) {
  const [, zone, server, services] =
    /^([a-z\d_-]+(?:\.[a-z\d_-]+)*)\.?(?:@(\d+(?:\.\d+){3}(?::\d+)?|\[[\da-f:]+\](?::\d+)?))?(?:\/(.+))?$/i.exec(
      address,
    ) ?? [];
  if (zone === undefined) {
    const form = 'a zone, and after @ the address of a server: dns:internal.example@10.0.0.53';
    throw new DiscoveryError('InvalidOptions', `dns: "${address}" is not ${form}`);
  }
  return {
    zone,
    ...(server !== undefined && { server }),
    ...(services !== undefined && { services: services.split(',') }),
  };
}
