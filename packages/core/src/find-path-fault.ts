/** More layers of percent-encoding than anyone needs. */
const maximumLayers = 8;

/**
 * What is wrong with a path below a service, if anything, when servers send it: a gateway or a backend behind them may
 * decode it several times, take `\` for `/`, and drop control characters and what follows a `;`. What any of them could
 * read as climbing out of the service is a fault. All that `checkPath` refuses is.
 *
 * A browser goes by `checkPath` alone, because its bytes count there: who calls from a browser holds its credentials anyway,
 * while a server may call with its own what a caller named.
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
  if (/%(?![\da-f]{2})/i.test(text)) return 'has a "%" that starts no percent-encoding';
  for (let layer = 0; layer < maximumLayers; layer++) {
    if (!/^\/(?![/\\])/.test(text)) return 'does not start with exactly one "/"';
    if (/[/\\]\.{1,2}($|[/\\;])/.test(text)) return 'has a "." or ".." segment';
    if (/%[01][\da-f]|%7f/i.test(text)) return 'has an encoded control character';
    if (/%c[01]|%e0%[89]|%f0%8/i.test(text)) return 'has overlong UTF-8';
    // All of ASCII: an encoding may itself be spelled in encoded digits, as in %25%32%65.
    const next = text.replace(/%[2-7][\da-f]/gi, decodeURIComponent);
    if (next === text) return undefined;
    text = next;
  }
  return 'is percent-encoded too many times';
}
