/** More layers of percent-encoding than anyone needs. */
const maximumLayers = 8;

/**
 * What is wrong with a path below a service, if anything. Endpoint and path are joined as text, so `@evil.com/x` or
 * `.evil.com/x` would change the host, and `/../x` would leave the endpoint's own path. Gateways and servers may decode a path
 * several times, take `\` for `/`, and drop control characters and what follows a `;`: what only some of them would read as
 * climbing out is a fault as well. What follows a `?` is of no matter, but for backslash, hash and control characters.
 *
 * @example
 * ```ts
 * findPathFault('/a/..;/b'); // 'has a "." or ".." segment'
 * ```
 */
export function findPathFault(path: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\\#\x00-\x1f\x7f]/.test(path)) return 'has a "\\", a "#" or a control character';
  let [text = ''] = path.split('?', 1);
  if (/%(?![\da-f]{2})/i.test(text)) return 'has a "%" that starts no encoding';
  for (let layer = 0; layer < maximumLayers; layer++) {
    if (!/^\/(?![/\\])/.test(text)) return 'does not start with one "/"';
    if (/[/\\]\.\.?($|[/\\;])/.test(text)) return 'has a "." or ".." segment';
    if (/%([01]|7f|c[01]|e0%[89]|f0%8)/i.test(text)) return 'has an encoded control character or overlong UTF-8';
    // All of ASCII: an encoding may itself be spelled in encoded digits, as in %25%32%65.
    const next = text.replace(/%[2-7][\da-f]/gi, decodeURIComponent);
    if (next === text) return undefined;
    text = next;
  }
  return 'is encoded too many times';
}
