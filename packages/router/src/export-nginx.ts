import { isName, parseTarget, type Endpoint, type FindTrust, type Snapshot } from '@amplify-discovery/core';
import type { AffinityRule } from './find-affinity-key.ts';

export interface NginxOptions {
  /** Which services get a location. @default every service of the stage that has an http(s) URL and no tenant */
  readonly services?: readonly string[] | undefined;
  /** Before the service in every path, `/api`. @default '' */
  readonly mount?: string | undefined;
  /** Callers' tokens and cookies go to hosts that this lists, and to no other. @default to none */
  readonly findTrust?: FindTrust | undefined;
  /** What keeps a caller at one of several weighted endpoints. @default the caller's address */
  readonly affinity?: AffinityRule | undefined;
  /** Certificate authorities that endpoints' certificates are checked against. @default '/etc/ssl/certs/ca-certificates.crt' */
  readonly caFile?: string | undefined;
  /**
   * Looks hosts up as requests come, as often as their DNS records say, with this name server: `169.254.169.253` in a VPC.
   * For hosts whose addresses change, which AWS's do.
   *
   * @default hosts are looked up when nginx loads the configuration, which it refuses when one of them isn't found
   */
  readonly resolver?: string | undefined;
  /** Idle connections kept to each endpoint; none with `resolver`. @default 32 */
  readonly keepAlive?: number | undefined;
  /** @default 3 */
  readonly connectTimeoutSeconds?: number | undefined;
  /** Between two reads or writes. @default 29 */
  readonly timeoutSeconds?: number | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

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

interface Candidate {
  readonly upstream: string;
  readonly endpoint: Endpoint;
  readonly url: URL;
}

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
export function exportNginx(snapshot: Snapshot, options: NginxOptions = {}): NginxConfiguration {
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
    const candidates = live.flatMap((endpoint, place): Candidate[] => {
      const target = isName(endpoint.id) ? parseTarget(endpoint.target, endpoint.kind) : undefined;
      const url = target?.startsWith('http') ? new URL(target) : undefined;
      return url && plainHost.test(url.hostname) ? [{ upstream: `discovery_${index}_${place}`, endpoint, url }] : [];
    });
    const weighted = candidates.some(({ endpoint }) => endpoint.weight > 0)
      ? candidates.filter(({ endpoint }) => endpoint.weight > 0)
      : candidates.slice(0, 1);
    if (!isName(service)) left.push({ service, reason: 'no service name' });
    else if (!weighted.length) left.push({ service, reason: 'no endpoint without tenant at an http(s) URL' });
    else {
      http.push(
        ...weighted.flatMap((candidate) => describeUpstream(candidate, options)),
        ...describeChoice(index, weighted, options),
      );
      const isListed = weighted.every(({ endpoint }) => findTrust?.(endpoint.target) === 'listed');
      server.push(...describeLocation(index, service, weighted, isListed, options));
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
    String.raw`  "~*^[^?]*(?:(?:/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;?]|%2f|%5c|%3b)|%25(?:2e|2f|5c|25|3b)|%[01]|%7f|%c[01]|%e0%[89]|%f0%8|\\|%(?![0-9a-f][0-9a-f]))" "";`,
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

function describeUpstream(
  { upstream, endpoint, url }: Candidate,
  { keepAlive = 32, resolver }: NginxOptions,
): string[] {
  if (resolver !== undefined) return [];
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return [
    `# ${endpoint.service} ${endpoint.id}`,
    `upstream ${upstream} {`,
    `  server ${quote(`${url.hostname}:${port}`)};`,
    `  keepalive ${Math.trunc(keepAlive)};`,
    '}',
  ];
}

/** Which of a service's endpoints a caller gets: the same key the same one, each its weight's share of the keys. */
function describeChoice(index: number, candidates: readonly Candidate[], { resolver }: NginxOptions): string[] {
  const total = candidates.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
  const ordered = [...candidates].sort((left, right) => left.endpoint.weight - right.endpoint.weight);
  const last = ordered.pop();
  // In hundredths of a percent, which is as fine as nginx has it.
  const share = ({ endpoint }: Candidate) => Math.max(Math.floor((endpoint.weight / total) * 10_000), 1) / 100;
  const shares = [
    ...ordered.map((candidate) => `  ${share(candidate)}% ${candidate.upstream};`),
    `  * ${last?.upstream};`,
  ];
  const choice = `$discovery_choice_${index}`;
  const describeMap = (name: string, value: (candidate: Candidate) => string) => [
    `map ${choice} $discovery_${name}_${index} {`,
    ...candidates.map((candidate) => `  ${candidate.upstream} ${quote(value(candidate))};`),
    '}',
  ];
  return [
    ...(candidates.length > 1
      ? [`split_clients "\${discovery_key}" ${choice} {`, ...shares, '}']
      : [`map "" ${choice} {`, `  default ${last?.upstream};`, '}']),
    ...describeMap(
      'base',
      ({ url, upstream }) =>
        `${url.protocol}//${resolver === undefined ? upstream : url.host}${url.pathname.replace(/\/+$/, '')}`,
    ),
    ...describeMap('host', ({ url }) => url.host),
    ...describeMap('name', ({ url }) => url.hostname),
  ];
}

function describeLocation(
  index: number,
  service: string,
  candidates: readonly Candidate[],
  isListed: boolean,
  options: NginxOptions,
): string[] {
  const {
    mount = '',
    caFile = '/etc/ssl/certs/ca-certificates.crt',
    connectTimeoutSeconds = 3,
    timeoutSeconds = 29,
    resolver,
  } = options;
  const isSecure = candidates.some(({ url }) => url.protocol === 'https:');
  const credentials = isListed
    ? []
    : ['Authorization', 'Cookie', 'X-Api-Key', 'X-Amz-Security-Token'].map((name) => `proxy_set_header ${name} "";`);
  const body = [
    'error_page 418 = @discovery_refused;',
    'if ($discovery_path = "") { return 418; }',
    'proxy_http_version 1.1;',
    `proxy_set_header Host $discovery_host_${index};`,
    ...['Connection', 'Forwarded', 'X-Original-URL', 'X-Rewrite-URL', 'X-Host', 'X-Real-IP', 'Proxy'].map(
      (name) => `proxy_set_header ${name} "";`,
    ),
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Host $host;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    `proxy_set_header X-Forwarded-Prefix ${quote(`${mount}/${service}`)};`,
    ...credentials,
    ...(resolver === undefined ? [] : [`resolver ${quote(resolver)};`, 'resolver_timeout 3s;']),
    `proxy_connect_timeout ${Math.trunc(connectTimeoutSeconds)}s;`,
    `proxy_read_timeout ${Math.trunc(timeoutSeconds)}s;`,
    `proxy_send_timeout ${Math.trunc(timeoutSeconds)}s;`,
    'proxy_redirect off;',
    ...(isSecure
      ? [
          'proxy_ssl_server_name on;',
          `proxy_ssl_name $discovery_name_${index};`,
          'proxy_ssl_verify on;',
          'proxy_ssl_verify_depth 4;',
          `proxy_ssl_trusted_certificate ${quote(caFile)};`,
          'proxy_ssl_protocols TLSv1.2 TLSv1.3;',
        ]
      : []),
    `proxy_pass $discovery_base_${index}$discovery_path$is_args$args;`,
  ].map((line) => `  ${line}`);
  const path = `${mount}/${service}`;
  return [`location = ${quote(path)} {`, ...body, '}', `location ^~ ${quote(`${path}/`)} {`, ...body, '}'];
}

function describeRefusal(opening: string, status: number, answer: object): string[] {
  return [
    `${opening} {`,
    '  default_type application/json;',
    `  return ${status} ${singleQuote(JSON.stringify(answer))};`,
    '}',
  ];
}

/** A value that nginx takes literally: a `$` in it is a variable's value, because nginx has no other way to write it. */
function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, (character) => `\\${character}`).replaceAll('$', '${discovery_dollar}')}"`;
}

function singleQuote(value: string): string {
  return `'${value.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

function lines(parts: readonly string[]): string {
  return parts.map((part) => `${part}\n`).join('');
}
