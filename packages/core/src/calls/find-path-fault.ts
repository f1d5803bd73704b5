/** More layers of percent-encoding than anyone needs. */
const maximumLayers = 8;

/** Most paths: segments that don't start with a dot, of characters that every server reads alike. */
const plainPath = /^(\/[\w~-][\w.~-]*)*\/?($|[?#])/;

/**
 * What is wrong with a path below a service, if anything: it could be read as leading out of the service. Gateways and
 * servers may decode a path several times, take `\` for `/`, and drop control characters, white space at the end of a
 * segment and what follows a `;`: what only some of them would read as climbing out is a fault as well. A slash in front is
 * supplied where it is missing. What follows a `?` or a `#` is not part of the path.
 *
 * @example
 * ```ts
 * findPathFault('/a/..;/b'); // 'has a "." or ".." segment'
 * ```
 */
export function findPathFault(path: string): string | undefined {
  if (plainPath.test(path)) return undefined;
  let text = path.replace(/[?#][^]*/, '').replace(/^(?!\/)/, '/');
  if (text.includes('\\')) return 'has a "\\"';
  for (let layer = 0; layer < maximumLayers; layer++) {
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[\x00-\x1f\x7f]|%([01][\da-f]|7f|c[01]|e0%[89]|f0%8)/i.test(text))
      return 'has a control character or overlong UTF-8';
    if (/%u[\da-f]{4}/i.test(text)) return 'has a "%u" encoding';
    if (/^\/[/\\]/.test(text)) return 'starts with "//"';
    if (/[/\\]\.\.?\s*($|[/\\;])/.test(text)) return 'has a "." or ".." segment';
    // All of ASCII: an encoding may itself be spelled in encoded digits, as in %25%32%65.
    const next = text.replace(/%[2-7][\da-f]/gi, decodeURIComponent);
    if (next === text) return undefined;
    text = next;
  }
  return 'is encoded too many times';
}
