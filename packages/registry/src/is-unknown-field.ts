/**
 * Tells whether a registry refused a request because it doesn't know a field that was asked for or given. AppSync's and
 * graphql-js's words.
 */
export function isUnknownField(message: unknown): boolean {
  return /FieldUndefined|Cannot query field|not defined (for|by)/.test(`${message}`);
}
