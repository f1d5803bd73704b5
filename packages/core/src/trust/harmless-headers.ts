/**
 * Names of headers, in lower case, that hold nothing their receiver could use elsewhere. Only these go to AWS's API domains
 * that no list names, because anyone can have an API there; a list of forbidden names would always be one product behind.
 * A request is signed after this check.
 */
export const harmlessHeaders: ReadonlySet<string> = new Set(
  [
    // CORS-safelisted, https://fetch.spec.whatwg.org/#cors-safelisted-request-header, and other content negotiation
    'accept accept-language content-language content-type range accept-encoding accept-charset save-data',
    'content-length content-encoding content-disposition content-md5 content-digest repr-digest cache-control pragma',
    'if-match if-none-match if-modified-since if-unmodified-since if-range',
    // The caller, and how it calls. Referer names a page and may not hold user information, RFC 9110 §10.1.3.
    'user-agent x-amz-user-agent x-requested-with origin referer dnt sec-gpc priority te upgrade-insecure-requests',
    'sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user',
    'access-control-request-headers access-control-request-method access-control-request-private-network',
    // Traces and request ids
    'traceparent tracestate baggage b3 x-b3-traceid x-b3-spanid x-b3-parentspanid x-b3-sampled x-b3-flags x-amzn-trace-id',
    'uber-trace-id request-id x-request-id correlation-id x-correlation-id amz-sdk-invocation-id amz-sdk-request',
    'idempotency-key x-idempotency-key',
    // SigV4's own: without the secret key they are worth nothing
    'x-amz-date x-amz-content-sha256 x-amz-security-token x-amz-target',
    // What proxies on the way add
    'host connection via forwarded x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto',
    'x-real-ip x-amz-cf-id x-amzn-tls-version x-amzn-tls-cipher-suite cloudfront-forwarded-proto cloudfront-is-desktop-viewer',
    'cloudfront-is-mobile-viewer cloudfront-is-smarttv-viewer cloudfront-is-tablet-viewer cloudfront-viewer-asn',
    'cloudfront-viewer-country',
  ].flatMap((line) => line.split(' ')),
);

/**
 * The first of these header names that is not known to be harmless: a request that carries it may go to listed hosts only.
 *
 * @example
 * ```ts
 * findReplayableHeader(['accept', 'Authorization']); // 'Authorization'
 * ```
 */
export function findReplayableHeader(names: Iterable<string>): string | undefined {
  for (const name of names) if (!harmlessHeaders.has(name.toLowerCase())) return name;
  return undefined;
}
