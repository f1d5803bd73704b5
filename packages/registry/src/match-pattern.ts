/**
 * Whether a name or pattern of a rule is the text: `*` stands for any text, also none. The registry decides by
 * `resolvers/shared/patterns.js`; this is for what is only shown.
 */
export function matchPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w-]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
