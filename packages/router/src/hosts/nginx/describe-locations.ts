import { harmlessHeaders } from '@amplify-discovery/core';
import { hopHeaders } from '../../forward/hop-headers.ts';
import { proxyCommands } from '../../forward/proxy-commands.ts';
import { withheldHeaders } from '../../forward/withheld-headers.ts';
import {
  answerBodyTooLarge,
  answerMethodNotAllowed,
  resolveLimits,
  type RequestLimits,
} from '../../route/check-request.ts';
import { answerError, type ErrorAnswer } from '../../route/answer-error.ts';
import { quoteToken } from './encode-nginx.ts';
import type { NginxOptions } from './nginx-options.ts';
import type { NginxService } from './plan-services.ts';

type Lines = readonly string[];

/** What nginx says itself, and the router's answer in its place. */
type Refusals = readonly (readonly [status: number, answer: ErrorAnswer])[];

/** Written by nginx, so never passed on as callers sent them. Others of X-Forwarded-* can't be named all. */
const forwarded = ['', '-by', '-for', '-host', '-path', '-port', '-prefix', '-proto', '-protocol', '-scheme'].concat([
  '-server',
  '-ssl',
  '-uri',
]);
/** What nginx's own table of headers sets as the connection needs it. */
const ofNginx = new Set(['connection', 'content-length', 'host', 'transfer-encoding']);

/**
 * The `server` block: one location for all services, and another for those at hosts that are not listed. Each has a second one
 * for the bare service, `/orders`, because a location either hides Set-Cookie or doesn't.
 */
export function describeLocations(services: readonly NginxService[], stage: string, options: NginxOptions): Lines {
  const { mount = '', rewriteAnswers = true } = options;
  const limits = resolveLimits(options);
  const methods = limits.methods.filter((method) => /^[A-Z-]+$/.test(method));
  const refusals = describeRefusals(stage, mount, { ...limits, methods });
  const isDerived = services.some(({ tiers }) => tiers.flat().some(({ trust }) => trust === 'derived'));
  const hasNext = services.some(({ tiers }) => tiers.length > 1);
  const catching = refusals.map(([status]) => {
    const place = hasNext && isUnreachable(status) ? `next_${status}` : status;
    return `error_page ${status} = @discovery_${place};`;
  });
  const toBare = (location: string) =>
    rewriteAnswers ? [`error_page 419 = ${location};`, 'if ($discovery_bare) { return 419; }'] : [];
  const describeBare = (location: string, headers: Lines) =>
    rewriteAnswers
      ? [
          `location ${location} {`,
          ...indent([
            ...(hasNext ? ['recursive_error_pages on;'] : []),
            ...catching,
            'proxy_hide_header Set-Cookie;',
            ...describeProxy(services, options),
            ...headers,
          ]),
          '}',
        ]
      : [];
  return [
    ...(mount === '' ? describeEarlyRefusals() : []),
    ...(hasNext ? ['set $discovery_tier "";'] : []),
    `location ${quoteToken(`${mount}/`)} {`,
    ...indent([
      'recursive_error_pages on;',
      ...catching,
      ...(isDerived ? ['error_page 418 = @discovery_derived;'] : []),
      `client_max_body_size ${limits.maximumBodyBytes};`,
      `if ($request_method !~ ${quoteToken(`^(?:${methods.join('|')})$`)}) { return 405; }`,
      'if ($discovery_looped) { return 508; }',
      'if ($discovery_refused) { return 400; }',
      'if ($discovery_service = "") { return 404; }',
      ...(isDerived ? ['if ($discovery_derived) { return 418; }'] : []),
      ...toBare('@discovery_bare'),
      ...describeProxy(services, options),
      ...describeListedHeaders(),
    ]),
    '}',
    ...describeBare('@discovery_bare', describeListedHeaders()),
    ...(isDerived
      ? [
          'location @discovery_derived {',
          ...indent([
            'recursive_error_pages on;',
            ...catching,
            'error_page 418 = @discovery_untrusted;',
            'if ($http_cookie) { return 418; }',
            'if ($discovery_authorization) { return 418; }',
            'if ($http_x_api_key) { return 418; }',
            ...toBare('@discovery_derived_bare'),
            ...describeProxy(services, options),
            ...describeHarmlessHeaders(),
          ]),
          '}',
          ...describeBare('@discovery_derived_bare', describeHarmlessHeaders()),
          ...describeAnswer(
            '@discovery_untrusted',
            answerError(
              'UntrustedEndpoint',
              '"$discovery_service" is at a host that is not listed, and the request carries a token, a key or a cookie: list the host in trustedHosts.',
              { service: '$discovery_service', stage },
            ),
          ),
        ]
      : []),
    ...(hasNext ? refusals.flatMap(([status]) => (isUnreachable(status) ? describeNext(status, mount) : [])) : []),
    ...refusals.flatMap(([status, answer]) => describeAnswer(`@discovery_${status}`, answer)),
  ];
}

/** No connection, or none in time. An endpoint's own 502 or 504 is not caught. */
function isUnreachable(status: number): boolean {
  return status === 502 || status === 504;
}

/** Sends the request once more, to the next group of the service's endpoints, if it has one and this is safe. */
function describeNext(status: number, mount: string): Lines {
  return [
    `location @discovery_next_${status} {`,
    ...indent([
      'recursive_error_pages on;',
      `error_page ${status} = @discovery_${status};`,
      `if ($discovery_stays_${status}) { return ${status}; }`,
      'set $discovery_left $discovery_tier;',
      'set $discovery_tier "${discovery_tier}1";',
      // Back, so that the answer names the service.
      `if ($discovery_choice = "") { set $discovery_tier $discovery_left; return ${status}; }`,
      `rewrite ^ ${quoteToken(`${mount}/`)} last;`,
    ]),
    '}',
  ];
}

/**
 * What nginx refuses before it has a location, or even a path; then a named location can't answer. Only where nothing but the
 * router is on the server.
 */
function describeEarlyRefusals(): Lines {
  const early = [
    [400, answerError('InvalidRequest', 'This is not a valid HTTP request.')],
    [414, answerError('PathTooLong', 'The path is too long.')],
    [494, answerError('HeadersTooLarge', 'The headers are too large.')],
  ] as const;
  return early.flatMap(([status, answer]) => [
    `error_page ${status} = /@discovery_${status};`,
    ...describeAnswer(`= /@discovery_${status}`, answer, ['internal;']),
  ]);
}

/** As the Node router answers, but that nginx doesn't tell an answer that isn't HTTP from none. */
function describeRefusals(stage: string, mount: string, { maximumBodyBytes, methods }: RequestLimits): Refusals {
  const service = '$discovery_service';
  const details = { service, stage };
  const name = '$discovery_given';
  const loop = 'This request has been here before: an endpoint leads back to the router.';
  const form = `Paths have the form ${mount}/{service}/{path} and stay below the service.`;
  return [
    [400, answerError('InvalidPath', form)],
    [404, answerError('ServiceNotFound', `No service "${name}" in "${stage}".`, { service: name, stage })],
    [405, answerMethodNotAllowed(methods)],
    [413, answerBodyTooLarge(maximumBodyBytes)],
    [500, answerError('InternalError', 'The router failed.', details)],
    [502, answerError('EndpointUnreachable', `"${service}" can't be reached.`, details)],
    [504, answerError('EndpointTimeout', `"${service}" did not answer in time.`, details)],
    [508, answerError('LoopDetected', loop)],
  ];
}

function describeProxy(services: readonly NginxService[], options: NginxOptions): Lines {
  const { caFile = '/etc/ssl/certs/ca-certificates.crt', resolver, rewriteAnswers = true } = options;
  const connect = Math.trunc(options.connectTimeoutSeconds ?? 3);
  const time = Math.trunc(options.timeoutSeconds ?? 29);
  const isSecure = services.some(({ tiers }) => tiers.flat().some(({ url }) => url.protocol === 'https:'));
  return [
    // Redirects stay relative.
    'absolute_redirect off;',
    ...(rewriteAnswers
      ? [
          `proxy_redirect ${quoteToken('~^(?<discovery_location>.*)$')} $discovery_redirect;`,
          `proxy_cookie_path ${quoteToken('~^(?<discovery_cookie>/.*)$')} $discovery_cookie_path;`,
          `proxy_cookie_domain ${quoteToken('~.*')} "";`,
          // Keeps the name for the log, in whatever case. A flag has to be given: such a cookie says Secure anyway.
          `proxy_cookie_flags ${quoteToken('~^(?<discovery_host_cookie>__Host-.*)$')} secure;`,
        ]
      : ['proxy_redirect off;']),
    'proxy_http_version 1.1;',
    ...(resolver === undefined ? [] : [`resolver ${quoteToken(resolver)};`, 'resolver_timeout 3s;']),
    `proxy_connect_timeout ${connect}s;`,
    `proxy_read_timeout ${time}s;`,
    `proxy_send_timeout ${time}s;`,
    `proxy_next_upstream_timeout ${time}s;`,
    // Answers are streamed; their heads may have 16 KB.
    'proxy_buffering off;',
    'proxy_buffer_size 16k;',
    'proxy_buffers 8 16k;',
    'proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;',
    ...[...proxyCommands, ...hopHeaders].map((name) => `proxy_hide_header ${name};`),
    ...(isSecure
      ? [
          'proxy_ssl_server_name on;',
          'proxy_ssl_name $discovery_tls_name;',
          'proxy_ssl_verify on;',
          'proxy_ssl_verify_depth 4;',
          `proxy_ssl_trusted_certificate ${quoteToken(caFile)};`,
          'proxy_ssl_protocols TLSv1.2 TLSv1.3;',
        ]
      : []),
    'proxy_headers_hash_max_size 2048;',
    'proxy_headers_hash_bucket_size 128;',
    'proxy_set_header Host $discovery_host;',
    'proxy_set_header Connection "";',
    'proxy_set_header Via $discovery_via;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Host $host;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_set_header X-Forwarded-Prefix $discovery_prefix;',
    'proxy_pass $discovery_upstream$discovery_uri;',
  ];
}

/** All of the caller's, but for those that end here. */
function describeListedHeaders(): Lines {
  const written = new Set([
    ...ofNginx,
    'via',
    ...['for', 'host', 'proto', 'prefix'].map((part) => `x-forwarded-${part}`),
  ]);
  const withheld = [...withheldHeaders, ...hopHeaders, 'forwarded', ...forwarded.map((part) => `x-forwarded${part}`)];
  return [
    'proxy_set_header Authorization $discovery_authorization;',
    ...withheld.filter((name) => !written.has(name)).map((name) => `proxy_set_header ${name} "";`),
  ];
}

/** Of the caller's those that are known to be harmless, by name, because nginx can't tell which others there are. */
function describeHarmlessHeaders(): Lines {
  const names = [...harmlessHeaders].filter(
    (name) =>
      !ofNginx.has(name) &&
      !hopHeaders.has(name) &&
      !withheldHeaders.has(name) &&
      !/^(via|forwarded|x-forwarded-.*)$/.test(name),
  );
  return [
    'proxy_pass_request_headers off;',
    ...names.map((name) => `proxy_set_header ${name} $http_${name.replaceAll('-', '_')};`),
  ];
}

function describeAnswer(location: string, { status, headers, body }: ErrorAnswer, more: Lines = []): Lines {
  const lines: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const header = headers[index] as string;
    if (/^content-(type|length)$/.test(header)) continue;
    lines.push(`add_header ${header} ${quoteToken(headers[index + 1] as string)} always;`);
  }
  // The names of services and nothing else come from variables.
  const text = quoteToken(Buffer.from(body).toString());
  return [
    `location ${location} {`,
    ...indent([...more, 'default_type application/json;', ...lines, `return ${status} ${text};`]),
    '}',
  ];
}

function indent(lines: Lines): Lines {
  return lines.map((line) => `  ${line}`);
}
