/** By their names in lower case. */
export type PageHeaders = Readonly<
  Record<
    | 'content-security-policy'
    | 'cross-origin-opener-policy'
    | 'cross-origin-resource-policy'
    | 'referrer-policy'
    | 'x-content-type-options'
    | 'cache-control',
    string
  >
>;

/**
 * The headers that the page comes with, whoever serves it: it runs its own scripts, and connects to the host that serves it and
 * to these origins alone.
 */
export function describePageHeaders(origins: readonly string[] = []): PageHeaders {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      ['connect-src', "'self'", ...origins].join(' '),
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}
