/** What nginx reads of its configuration at once, less a little: a longer token makes it refuse all of the configuration. */
const maximumTokenLength = 4000;

/**
 * A token of nginx's configuration that it reads as exactly this text, where it looks for no variables: patterns, keys, names.
 * Within quotes nginx takes a backslash off before a backslash, a quote, and the letters t, r and n.
 */
export function quoteToken(text: string): string {
  return `"${text.replace(/[\\"]/g, String.raw`\$&`)}"`;
}

/**
 * The same where nginx looks for variables: a `$` is a variable's value, because nginx has no other way to write it.
 * That variable is `dollarVariable`.
 */
export function quoteValue(text: string): string {
  return quoteToken(text.replaceAll('$', '${discovery_dollar}'));
}

/** Defines what `quoteValue` needs, in the `http` block. */
export const dollarVariable: readonly string[] = ['geo $discovery_dollar {', '  default "$";', '}'];

/**
 * A key of a map that means this text and nothing else: `default`, `include`, `hostnames` and `volatile` say something else to
 * nginx, as does a `~` in front, unless a backslash comes first. Keys match whatever their case.
 */
export function quoteKey(text: string): string {
  return quoteToken(`\\${text}`);
}

/** Whether nginx can read the token. */
export function fitsNginx(token: string): boolean {
  return Buffer.byteLength(token) <= maximumTokenLength;
}
