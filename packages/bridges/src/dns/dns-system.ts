import { DiscoveryError } from '@amplify-discovery/core';
import type { System } from '../system.ts';
import { createDnsSource } from './create-dns-source.ts';
import { createDnsTarget } from './create-dns-target.ts';
import type { TsigKey } from './update/tsig.ts';

/**
 * `dns:internal.example`, `dns:internal.example@10.0.0.53:53`, `dns:internal.example/users,orders`. A target needs the server,
 * and the key that may write there in `DNS_TSIG_KEY`.
 */
export const dnsSystem: System = {
  address: 'ZONE[@SERVER[:PORT]][/SERVICE,…]',
  summary: 'SRV and TXT records; a target is written by dynamic updates, with DNS_TSIG_KEY=NAME:SECRET (hmac-sha256).',
  createSource: async (address) => createDnsSource(parseAddress(address)),
  createTarget: async (address, { env }) => {
    const { zone, server } = parseAddress(address);
    if (server === undefined) {
      throw new DiscoveryError('InvalidOptions', `dns: name the zone's primary server: dns:${zone}@10.0.0.53`);
    }
    return createDnsTarget({ zone, server, key: parseKey(env['DNS_TSIG_KEY']) });
  },
};

function parseAddress(address: string) {
  const server = '\\d+(?:\\.\\d+){3}(?::\\d+)?|\\[[\\da-f:]+\\](?::\\d+)?';
  const form = new RegExp(`^([a-z\\d_-]+(?:\\.[a-z\\d_-]+)*)\\.?(?:@(${server}))?(?:/(.+))?$`, 'i');
  const [, zone, found, services] = form.exec(address) ?? [];
  if (zone === undefined) {
    const wanted = 'a zone, and after @ the address of a server: dns:internal.example@10.0.0.53';
    throw new DiscoveryError('InvalidOptions', `dns: "${address}" is not ${wanted}`);
  }
  return { zone, ...(found && { server: found }), ...(services && { services: services.split(',') }) };
}

/** As nsupdate takes it: `[hmac-sha256:]name:secret`. */
function parseKey(text: string | undefined): TsigKey {
  const [, name, secret] = /^(?:hmac-sha256:)?([\w.-]+):([\w+/]+=*)$/.exec(text ?? '') ?? [];
  if (name !== undefined && secret !== undefined) return { name, secret };
  const wanted =
    'DNS_TSIG_KEY=NAME:SECRET, with a key for hmac-sha256 and its secret in base64, as tsig-keygen makes it';
  throw new DiscoveryError('InvalidOptions', `dns: set ${wanted}`);
}
