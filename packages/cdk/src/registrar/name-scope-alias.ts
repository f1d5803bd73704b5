import { createHash } from 'node:crypto';

/**
 * The name of the Lambda alias through which exactly these services may be registered. It follows from the list alone,
 * in any order, so a deployment knows the name without looking it up.
 */
export function nameScopeAlias(services: readonly string[]): string {
  const sorted = [...new Set(services)].sort();
  const readable = (sorted[0] ?? '').replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60);
  const hash = createHash('sha256').update(sorted.join('\n')).digest('hex').slice(0, 12);
  return `scope-${readable}-${hash}`;
}
