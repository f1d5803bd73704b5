import type { Endpoint } from '@amplify-discovery/core';
import type { NginxOptions } from './nginx-options.ts';

/** One of a service's endpoints, and what it is called in the configuration. */
export interface NginxCandidate {
  readonly upstream: string;
  readonly endpoint: Endpoint;
  readonly url: URL;
}

export interface NginxService {
  /** Distinguishes the service's variables from those of others. */
  readonly index: number;
  readonly service: string;
  readonly candidates: readonly NginxCandidate[];
  /** Whether callers' tokens and cookies may go to all of them. */
  readonly isListed: boolean;
  readonly options: NginxOptions;
}

/** What one service adds to the `http` and to the `server` block. Names and targets have been checked before. */
export function describeNginxService(described: NginxService): {
  readonly http: readonly string[];
  readonly server: readonly string[];
} {
  const { index, candidates, options } = described;
  return {
    http: [
      ...candidates.flatMap((candidate) => describeUpstream(candidate, options)),
      ...describeChoice(index, candidates, options),
    ],
    server: describeLocation(described),
  };
}

function describeUpstream(
  { upstream, endpoint, url }: NginxCandidate,
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
function describeChoice(index: number, candidates: readonly NginxCandidate[], { resolver }: NginxOptions): string[] {
  const total = candidates.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
  const ordered = [...candidates].sort((left, right) => left.endpoint.weight - right.endpoint.weight);
  const last = ordered.pop();
  // In hundredths of a percent, which is as fine as nginx has it.
  const share = ({ endpoint }: NginxCandidate) => Math.max(Math.floor((endpoint.weight / total) * 10_000), 1) / 100;
  const shares = [
    ...ordered.map((candidate) => `  ${share(candidate)}% ${candidate.upstream};`),
    `  * ${last?.upstream};`,
  ];
  const choice = `$discovery_choice_${index}`;
  const describeMap = (name: string, value: (candidate: NginxCandidate) => string) => [
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

function describeLocation({ index, service, candidates, isListed, options }: NginxService): string[] {
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

/** A value that nginx takes literally: a `$` in it is a variable's value, because nginx has no other way to write it. */
function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, (character) => `\\${character}`).replaceAll('$', '${discovery_dollar}')}"`;
}
