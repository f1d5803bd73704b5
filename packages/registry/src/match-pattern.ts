/**
 * Whether a name or pattern is the text: `*` stands for any text, also none. The registry decides by
 * `resolvers/shared/patterns.js`; this is the same rule for what is shown and what is published.
 */
export function matchPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w-]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
