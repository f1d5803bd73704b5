import { parseSettings } from './parse-settings.ts';
import type { GenericSchema, InferOutput } from 'valibot';

/**
 * A function's settings from its environment variables. What is empty counts as not set.
 *
 * @throws DiscoveryError `InvalidOptions`, naming every variable that is wrong, missing, or begins with `DISCOVERY_` and is
 * not in the schema.
 */
export function parseEnvironment<S extends GenericSchema & { readonly entries: object }>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): InferOutput<S> {
  const own = Object.entries(env).filter(
    ([name, value]) => value && (name.startsWith('DISCOVERY_') || Object.hasOwn(schema.entries, name)),
  );
  return parseSettings(schema, Object.fromEntries(own), '');
}
