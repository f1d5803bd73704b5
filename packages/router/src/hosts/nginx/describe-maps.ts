import { quoteKey, quoteToken, quoteValue, dollarVariable } from './encode-nginx.ts';
import type { NginxOptions } from './nginx-options.ts';
import type { NginxCandidate, NginxService } from './plan-services.ts';

type Lines = readonly string[];

/**
 * The `http` block: from `$request_uri` to where the request goes. All services share their variables and one location,
 * because each location that proxies costs nginx a TLS context of its own, with all certificate authorities in it.
 */
export function describeMaps(services: readonly NginxService[], options: NginxOptions): Lines {
  const candidates = services.flatMap(({ tiers }) => tiers.flat());
  const hasNext = services.some(({ tiers }) => tiers.length > 1);
  // With `volatile` a variable follows the group of endpoints that a request is at.
  const volatile = hasNext ? ['  volatile;'] : [];
  const { resolver, name = 'amplify-discovery-router', rewriteAnswers = true } = options;
  const byChoice = (variable: string, fallback: string, value: (candidate: NginxCandidate) => string) =>
    describeMap('$discovery_choice', variable, fallback, candidates, ({ key }) => key, value, volatile);
  return [
    '# Written by amplify-discovery. Changes are lost.',
    ...dollarVariable,
    ...describePath(options.mount ?? ''),
    ...describeKey(options),
    ...(resolver === undefined ? services.flatMap((service) => describeUpstreams(service, options)) : []),
    ...services.flatMap(({ index, tiers }) => tiers.flatMap((tier, place) => describeShares(index, place, tier))),
    ...(hasNext ? describeTiers(services) : describeChoice(services, '$discovery_choice', 0)),
    ...byChoice('exact', '', ({ endpoint }) => endpoint.service),
    // Keys match whatever their case, names don't.
    'map "$discovery_given:$discovery_exact" $discovery_service {',
    ...volatile,
    '  default "";',
    `  ${quoteToken(String.raw`~^(?<discovery_same>[\w.-]+):\1$`)} $discovery_same;`,
    '}',
    'map $discovery_service $discovery_prefix {',
    ...volatile,
    `  default ${quoteToken(`${options.mount ?? ''}/$discovery_service`)};`,
    '}',
    ...byChoice('upstream', '', ({ key, url }) =>
      resolver === undefined ? `${url.protocol}//discovery_${key}` : url.origin,
    ),
    ...byChoice('base', '', ({ basePath }) => basePath),
    'map "$discovery_base$discovery_rest" $discovery_uri {',
    ...volatile,
    '  default "/$discovery_rest";',
    `  ${quoteToken('~^(?<discovery_joined>/.*)$')} $discovery_joined;`,
    '}',
    ...byChoice('host', '', ({ url }) => url.host),
    ...byChoice('tls_name', '', ({ url }) => url.hostname),
    ...byChoice('derived', '', ({ trust }) => (trust === 'derived' ? '1' : '')),
    ...describeVia(name),
    // A signature was made for one host, which here is nginx.
    'map $http_authorization $discovery_authorization {',
    '  default $http_authorization;',
    `  ${quoteToken('~*^AWS4-')} "";`,
    '}',
    ...(rewriteAnswers
      ? [...byChoice('origin', '', ({ url }) => url.origin), ...rewriting, ...droppedCookies]
      : // For a log format that names it.
        ['map "" $discovery_dropped_cookies {', '  default "";', '}']),
  ];
}

/** A map of what differs from the fallback. */
function describeMap<T>(
  source: string,
  variable: string,
  fallback: string,
  entries: readonly T[],
  key: (entry: T) => string,
  value: (entry: T) => string,
  flags: Lines,
): Lines {
  const lines = entries.filter((entry) => value(entry) !== fallback);
  return [
    `map ${source} $discovery_${variable} {`,
    ...flags,
    `  default ${quoteValue(fallback)};`,
    ...lines.map((entry) => `  ${quoteKey(key(entry))} ${quoteValue(value(entry))};`),
    '}',
  ];
}

/**
 * `$discovery_given` is the service that is asked for, `$discovery_rest` path and query below it as the caller sent them.
 * `$discovery_refused` is set where that could be read as leading out of the service, which is the rule of `findPathFault` of
 * `@amplify-discovery/core`, but for paths that are encoded twice, which are refused here. nginx itself finds locations by the
 * path with `..` already resolved, so the raw one is looked at.
 */
function describePath(mount: string): Lines {
  const name = String.raw`(?!\.)[\w.-]{1,128}`;
  const before = `^${mount.replaceAll('.', String.raw`\.`)}/`;
  const service = `${before}${name}`;
  const path = String.raw`(?:/[\x21\x22\x24-\x3e\x40-\x5b\x5d-\x7e]*)?`;
  const query = String.raw`(?:\?[\x21\x22\x24-\x5b\x5d-\x7e]*)?`;
  const dots = String.raw`(?:/|%2f|%5c)(?:\.|%2e){1,2}(?:%20)*(?:$|[/;?]|%2f|%5c|%3b)`;
  const controls = String.raw`%[01]|%7f|%c[01]|%e0%[89]|%f0%8`;
  const twice = String.raw`%25(?:[0-9a-f]{2}|[0-9a-f]?%|u|%75)`;
  return [
    'map $request_uri $discovery_given {',
    '  default "";',
    `  ${quoteToken(`~${before}(?<discovery_name>${name})(?:[/?]|$)`)} $discovery_name;`,
    '}',
    'map $request_uri $discovery_rest {',
    '  default "";',
    `  ${quoteToken(`~${service}(?<discovery_below>[/?].*)$`)} $discovery_below;`,
    '}',
    'map $request_uri $discovery_refused {',
    '  default "1";',
    `  ${quoteToken(`~*^[^?]*(?:${dots}|${controls}|${twice})`)} "1";`,
    `  ${quoteToken(`~*${service}/(?:/|%2f|%5c)`)} "1";`,
    `  ${quoteToken(`~${service}${path}${query}$`)} "";`,
    '}',
  ];
}

/** What keeps a caller at one of several endpoints. */
function describeKey({ affinity: { header, cookie } = {} }: NginxOptions): Lines {
  const keys = [
    header && /^[\w-]+$/.test(header) && `$http_${header.toLowerCase().replaceAll('-', '_')}`,
    cookie && /^\w+$/.test(cookie) && `$cookie_${cookie}`,
  ].filter(Boolean);
  return keys.length > 0
    ? [`map "${keys.join('')}" $discovery_key {`, '  "" $remote_addr;', `  default "${keys.join('')}";`, '}']
    : ['map "" $discovery_key {', '  default $remote_addr;', '}'];
}

/** For so long nginx leaves out an endpoint that it couldn't reach, where another one takes over. */
const failSeconds = 5;

function describeUpstreams({ tiers }: NginxService, { keepAlive = 32 }: NginxOptions): Lines {
  return tiers.flatMap((tier, place) =>
    tier.flatMap(({ key, endpoint, url }) => {
      const port = url.port || (url.protocol === 'https:' ? '443' : '80');
      const server = `server ${quoteToken(`${url.hostname}:${port}`)}`;
      return [
        `# ${endpoint.service} ${endpoint.id}`,
        `upstream discovery_${key} {`,
        // nginx remembers no failure of a server that is the only one.
        ...(place < tiers.length - 1
          ? [`  ${server} max_fails=1 fail_timeout=${failSeconds}s;`, '  server 127.0.0.1:1 down;']
          : [`  ${server};`]),
        `  keepalive ${Math.trunc(keepAlive)};`,
        '}',
      ];
    }),
  );
}

const nameShare = (index: number, place: number) => `$discovery_share_${index}${place === 0 ? '' : `_${place}`}`;

/** Of several endpoints: the same key gets the same one, each its weight's share of the keys. */
function describeShares(index: number, place: number, tier: readonly NginxCandidate[]): Lines {
  if (tier.length < 2) return [];
  const total = tier.reduce((sum, { endpoint }) => sum + endpoint.weight, 0);
  const ordered = [...tier].sort((left, right) => left.endpoint.weight - right.endpoint.weight);
  const last = ordered.pop();
  // In hundredths of a percent, which is as fine as nginx has it.
  const share = ({ endpoint }: NginxCandidate) => Math.max(Math.floor((endpoint.weight / total) * 10_000), 1) / 100;
  return [
    `split_clients "\${discovery_key}" ${nameShare(index, place)} {`,
    ...ordered.map((candidate) => `  ${share(candidate)}% ${candidate.key};`),
    `  * ${last?.key};`,
    '}',
  ];
}

/**
 * `$discovery_tier` has a 1 for each group of endpoints that was left. A request may go on to the next one if no connection was
 * made, so that nothing was sent, or if its method is safe and the connection broke.
 */
function describeTiers(services: readonly NginxService[]): Lines {
  const places = Array.from({ length: Math.max(...services.map(({ tiers }) => tiers.length)) }, (_, place) => place);
  return [
    ...places.flatMap((place) => describeChoice(services, `$discovery_choice_${place}`, place)),
    'map $discovery_tier $discovery_choice {',
    '  volatile;',
    '  default "";',
    ...places.map((place) => `  "${'1'.repeat(place)}" $discovery_choice_${place};`),
    '}',
    'map "$request_method $upstream_connect_time" $discovery_stays_502 {',
    '  volatile;',
    '  default "1";',
    `  ${quoteToken('~^(?:GET|HEAD|OPTIONS) ')} "";`,
    `  ${quoteToken('~-$')} "";`,
    '}',
    'map $upstream_connect_time $discovery_stays_504 {',
    '  volatile;',
    '  default "1";',
    `  ${quoteToken('~-$')} "";`,
    '}',
  ];
}

function describeChoice(services: readonly NginxService[], variable: string, place: number): Lines {
  const spellings = new Map<string, number>();
  for (const { service } of services) {
    const folded = service.toLowerCase();
    spellings.set(folded, (spellings.get(folded) ?? 0) + 1);
  }
  // nginx's hash tells neither names apart that differ in case alone, nor takes long ones; patterns do both.
  const keyOf = (service: string) =>
    service.length > 40 || spellings.get(service.toLowerCase()) !== 1
      ? quoteToken(`~^${service.replaceAll('.', String.raw`\.`)}$`)
      : quoteKey(service);
  return [
    `map $discovery_given ${variable} {`,
    '  default "";',
    ...services.flatMap(({ index, service, tiers }) => {
      const [first, ...others] = tiers[place] ?? [];
      if (!first) return [];
      return [`  ${keyOf(service)} ${others.length > 0 ? nameShare(index, place) : first.key};`];
    }),
    '}',
  ];
}

/** Who has handled the request, nginx included, and whether it was nginx before. */
function describeVia(name: string): Lines {
  const pattern = name.replaceAll('.', String.raw`\.`);
  return [
    'map $http_via $discovery_via {',
    `  default ${quoteToken(`$http_via, 1.1 ${name}`)};`,
    `  "" ${quoteToken(`1.1 ${name}`)};`,
    '}',
    'map $http_via $discovery_looped {',
    '  default "";',
    `  ${quoteToken(`~(?:^|,)\\s*[^\\s,]+\\s+${pattern}\\s*(?:$|[,\\s])`)} "1";`,
    '}',
  ];
}

/** The rule of `rewriteLocation` and `rewriteCookie`. `volatile`, because an answer may have several of both. */
const rewriting: Lines = [
  'map "$discovery_origin|$discovery_base|$discovery_location" $discovery_redirect {',
  '  volatile;',
  '  default $discovery_location;',
  ...[
    ['https', '443'],
    ['http', '80'],
  ].map(([scheme, port]) => {
    const own = String.raw`(?:(?i:\1:)?(?i:\2)(?::${port})?|(?=/)(?!//))\3`;
    const pattern = String.raw`~^(${scheme}):(//[^|]+)\|([^|]*)\|${own}(?<discovery_${scheme}_rest>(?:[/?#].*)?)$`;
    return `  ${quoteToken(pattern)} $discovery_prefix$discovery_${scheme}_rest;`;
  }),
  '}',
  'map "$discovery_base|$discovery_cookie" $discovery_cookie_path {',
  '  volatile;',
  '  default $discovery_prefix;',
  `  ${quoteToken(String.raw`~^([^|]*)\|\1/?$`)} $discovery_prefix;`,
  `  ${quoteToken(String.raw`~^([^|]*)\|\1(?<discovery_cookie_rest>[/?#].*)$`)} $discovery_prefix$discovery_cookie_rest;`,
  `  ${quoteToken(String.raw`~^[^|]*\|(?<discovery_cookie_whole>/.+)$`)} $discovery_prefix$discovery_cookie_whole;`,
  '}',
];

/**
 * `$discovery_bare` is set for `/orders` without a slash, where a browser takes `/` for the path of a cookie that says none.
 * nginx rewrites attributes, but adds none and drops no cookie, so no cookie of such an answer goes on. A `__Host-` cookie goes
 * on with a path with which no browser keeps it. `$discovery_dropped_cookies` is the name of one that was lost in either way.
 */
const droppedCookies: Lines = [
  'map $discovery_rest $discovery_bare {',
  '  default "";',
  '  "" "1";',
  `  ${quoteToken(String.raw`~^\?`)} "1";`,
  '}',
  'map "$discovery_bare|$discovery_host_cookie|$upstream_http_set_cookie" $discovery_dropped_cookies {',
  '  default "";',
  `  ${quoteToken(String.raw`~^1\|[^|]*\|\s*(?<discovery_withheld>[^=;\s]+)`)} $discovery_withheld;`,
  `  ${quoteToken(String.raw`~^\|(?<discovery_prefixed>[^|]+)\|`)} $discovery_prefixed;`,
  '}',
];
