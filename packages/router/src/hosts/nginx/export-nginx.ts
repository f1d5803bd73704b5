import { isName, parseTarget, type Snapshot } from '@amplify-discovery/core';
import { describeNginxService, type NginxCandidate } from './describe-nginx-service.ts';
import type { NginxOptions } from './nginx-options.ts';

export type { NginxOptions } from './nginx-options.ts';

/** nginx configuration in two parts, because nginx takes them at two places. */
export interface NginxConfiguration {
  /** For the `http` block: upstreams, maps and shares. */
  readonly http: string;
  /** For a `server` block: one location per service. */
  readonly server: string;
  /** What got no location, and why. */
  readonly left: readonly { readonly service: string; readonly reason: string }[];
}

/** URLs allow more in a host than DNS does. */
const plainHost = /^([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])$/i;

/**
 * A stage as nginx configuration: `/{service}/{path}` goes to the service's endpoints by their weights. The text depends on
 * the snapshot and the options alone, so a tool can write it and reload nginx only when it has changed.
 *
 * Names and targets are checked once more before they are written, and every value is quoted, whatever the snapshot's parser
 * has let through.
 *
 * @example
 * ```ts
 * const { http, server } = exportNginx(snapshot, { findTrust: resolver.findTrust });
 * await writeFile('/etc/nginx/conf.d/discovery.conf', `${http}\nserver {\n  listen 8080;\n${server}}\n`);
 * ```
 */
export function exportNginx(snapshot: Pick<Snapshot, 'services'>, options: NginxOptions = {}): NginxConfiguration {
  const { services, mount = '', findTrust, now = Date.now } = options;
  const left: { service: string; reason: string }[] = [];
  const http: string[] = [...describeCommon(options)];
  const server: string[] = [];
  const names = [...snapshot.services.keys()].filter((service) => services?.includes(service) ?? true).sort();
  if (!/^(\/[\w.-]+)*$/.test(mount))
    return { http: '', server: '', left: names.map((service) => ({ service, reason: 'mount is no path' })) };
  for (const [index, service] of names.entries()) {
    const live = (snapshot.services.get(service) ?? []).filter(
      ({ tenant, expiresAt = Infinity }) => !tenant && expiresAt > now(),
    );
    const candidates = live.flatMap((endpoint, place): NginxCandidate[] => {
      const target = isName(endpoint.id) ? parseTarget(endpoint.target, endpoint.kind) : undefined;
      const url = target?.startsWith('http') ? new URL(target) : undefined;
      const isTrusted = !findTrust || findTrust(endpoint.target) !== undefined;
      return url && isTrusted && plainHost.test(url.hostname)
        ? [{ upstream: `discovery_${index}_${place}`, endpoint, url }]
        : [];
    });
    const weighted = candidates.some(({ endpoint }) => endpoint.weight > 0)
      ? candidates.filter(({ endpoint }) => endpoint.weight > 0)
      : candidates.slice(0, 1);
    if (!isName(service)) left.push({ service, reason: 'no service name' });
    else if (!weighted.length) left.push({ service, reason: 'no endpoint without tenant at a trusted http(s) URL' });
    else {
      const isListed = weighted.every(({ endpoint }) => findTrust?.(endpoint.target) === 'listed');
      const blocks = describeNginxService({ index, service, candidates: weighted, isListed, options });
      http.push(...blocks.http);
      server.push(...blocks.server);
    }
  }
  server.push(
    ...describeRefusal(`location ${mount}/`, 404, { code: 'ServiceNotFound', message: 'No such service.' }),
    ...describeRefusal('location @discovery_refused', 400, {
      code: 'InvalidPath',
      message: 'The path leaves the service.',
    }),
  );
  return { http: lines(http), server: lines(server), left };
}

/**
 * `$discovery_path` is the path below the service as the caller sent it; empty where it isn't plain or could be read as
 * climbing out. nginx itself finds the location by the path with `..` already resolved, so the raw one is looked at.
 */
function describeCommon({ mount = '', affinity = {} }: NginxOptions): string[] {
  const { header, cookie } = affinity;
  const variable = (prefix: string, name: string) => `$${prefix}_${name.toLowerCase().replaceAll('-', '_')}`;
  const keys = [
    header && /^[\w-]+$/.test(header) && variable('http', header),
    cookie && /^\w+$/.test(cookie) && `$cookie_${cookie}`,
  ].filter(Boolean);
  const depth = mount.split('/').length;
  return [
    '# Written by amplify-discovery. Changes are lost.',
    'map $request_uri $discovery_path {',
    '  default "";',
    String.raw`  "~*^[^?]*(?:(?:/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;?]|%2f|%5c|%3b)|%25(?:[0-9a-f]{2}|[0-9a-f]?%)|%[01]|%7f|%c[01]|%e0%[89]|%f0%8|\\|%(?![0-9a-f][0-9a-f]))" "";`,
    String.raw`  "~*^(?:/[\w.-]+){${depth}}/(?:/|%2f|%5c)" "";`,
    String.raw`  "~^(?:/[\w.-]+){${depth}}(?<discovery_rest>/[\x21-\x3e\x40-\x7e]*)(?:\?|$)" $discovery_rest;`,
    String.raw`  "~^(?:/[\w.-]+){${depth}}(?:\?|$)" "/";`,
    '}',
    ...(keys.length
      ? [`map "${keys.join('')}" $discovery_key {`, '  "" $remote_addr;', `  default "${keys.join('')}";`, '}']
      : ['map "" $discovery_key {', '  default $remote_addr;', '}']),
    'geo $discovery_dollar {',
    '  default "$";',
    '}',
  ];
}

function describeRefusal(opening: string, status: number, answer: object): string[] {
  return [
    `${opening} {`,
    '  default_type application/json;',
    `  return ${status} ${singleQuote(JSON.stringify(answer))};`,
    '}',
  ];
}

function singleQuote(value: string): string {
  return `'${value.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

function lines(parts: readonly string[]): string {
  return parts.map((part) => `${part}\n`).join('');
}
