/** A text, number or boolean of other people's JSON as text; empty for anything else. An object's own `toString` may be anything. */
export function showText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
