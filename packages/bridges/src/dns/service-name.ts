import { createHash } from 'node:crypto';
import { DiscoveryError } from '@amplify-discovery/core';

const prefix = '_https._tcp.';

/**
 * The DNS name `_https._tcp.{service}.{stage}.{zone}` in lower case, or why there is none. Dots in a service's name part labels;
 * a stage is one label, or else `b.dev` would hold the services of `dev` that begin with `b.`.
 *
 * Lengths: RFC 1035, 2.3.4.
 */
export function nameService(
  service: string,
  stage: string,
  zone: string,
): { readonly name: string } | { readonly fault: string } {
  const domain = nameStage(stage, zone);
  if (domain === undefined) return { fault: `the stage "${stage}" is not a single DNS label of at most 63 characters` };
  if (!/^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(service))
    return { fault: `"${service}" is not a DNS name with labels of 1 to 63 characters` };
  const name = `${prefix}${service.toLowerCase()}.${domain}`;
  return name.length > 253 ? { fault: `the name ${name} has more than 253 characters` } : { name };
}

/**
 * The zone's name in lower case, without the last dot.
 *
 * @throws DiscoveryError `InvalidOptions`
 */
export function parseZone(zone: string): string {
  const name = zone.replace(/\.$/, '').toLowerCase();
  if (name.length <= 253 && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(name)) return name;
  throw new DiscoveryError('InvalidOptions', `zone: "${zone}" is not the name of a zone, such as internal.example`);
}

/** The domain of a stage's services; undefined where the stage's name can't be a label. */
export function nameStage(stage: string, zone: string): string | undefined {
  return /^[\w-]{1,63}$/.test(stage) ? `${stage.toLowerCase()}.${zone}` : undefined;
}

/** The service that the DNS name stands for, spelled as it is there; undefined for another kind of name. */
export function readServiceName(name: string, stageDomain: string): string | undefined {
  const lower = name.toLowerCase();
  const end = `.${stageDomain}`;
  const isService = lower.startsWith(prefix) && lower.endsWith(end) && lower.length > prefix.length + end.length;
  return isService ? name.slice(prefix.length, -end.length) : undefined;
}

/** Where the services of a stage are listed by PTR records, as RFC 6763 (9) lists the types of service in a domain. */
export function nameIndex(stageDomain: string): string {
  return `_services._dns-sd._udp.${stageDomain}`;
}

/**
 * The page of the index that lists the service: the index lists the pages. BIND takes 100 records of one name and type, and
 * Route 53 400, so 64 pages hold some thousand services.
 */
export function namePage(service: string, stageDomain: string): string {
  const digest = createHash('sha256').update(service.toLowerCase()).digest();
  return `${((digest[0] ?? 0) % 64).toString(16).padStart(2, '0')}.${nameIndex(stageDomain)}`;
}
