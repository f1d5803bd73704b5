import { DiscoveryError } from '@amplify-discovery/core';
import { getDotPath, safeParse, type BaseIssue, type GenericSchema, type InferOutput } from 'valibot';

/**
 * The settings as the schema gives them.
 *
 * @param where What the settings are read from, `DISCOVERY_EDGE`; empty where their names say it.
 * @throws DiscoveryError `InvalidOptions`, with the path of everything that is wrong.
 */
export function parseSettings<S extends GenericSchema>(schema: S, value: unknown, where: string): InferOutput<S> {
  // An array would do as an object all of whose entries may be missing.
  if (Array.isArray(value) && /object/.test(schema.type))
    throw new DiscoveryError('InvalidOptions', describe(where, '', 'expected object, found Array'));
  const result = safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw refuse(result.issues.map((issue) => describe(where, pathOf(issue), describeFault(issue))));
}

/**
 * The settings in a text of JSON.
 *
 * @throws DiscoveryError `InvalidOptions`, beginning with where the text comes from.
 */
export function parseJsonSettings<S extends GenericSchema>(schema: S, text: string, where: string): InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DiscoveryError('InvalidOptions', `${where}: is not valid JSON`, { cause });
  }
  // valibot passes over these names, because a schema's entries have them too.
  const dropped = findPrototypeKeys(value, []);
  if (dropped.length) throw refuse(dropped.map((path) => describe(where, path, 'is not a known setting')));
  return parseSettings(schema, value, where);
}

function refuse(faults: readonly string[]): DiscoveryError {
  return new DiscoveryError('InvalidOptions', [...new Set(faults)].join('; '));
}

function findPrototypeKeys(value: unknown, path: readonly string[]): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    /^(__proto__|prototype|constructor)$/.test(key)
      ? [[...path, key].join('.')]
      : findPrototypeKeys(inner, [...path, key]),
  );
}

function pathOf(issue: BaseIssue<unknown>): string {
  return getDotPath(issue) ?? '';
}

function describe(where: string, path: string, fault: string): string {
  return [where, path, fault].filter(Boolean).join(': ');
}

/** Schemas state the rule of a value in words; for its type and for keys valibot's own facts are enough. */
function describeFault({ kind, type, expected, received, message }: BaseIssue<unknown>): string {
  if (kind !== 'schema' || type === 'custom') return message;
  if (expected === 'never') return 'is not a known setting';
  if (received === 'undefined') return 'is missing';
  // Names of types begin with a capital letter in valibot; what is quoted is a value.
  return `expected ${expected?.replace(/^\w+$/, (name) => name.toLowerCase())}, found ${received}`;
}
