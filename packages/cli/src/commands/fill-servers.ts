import { DiscoveryError } from '@amplify-discovery/core';
import type { OpenApiServer } from '@amplify-discovery/publisher/catalog';
import { isMap, parseDocument } from 'yaml';

/**
 * The OpenAPI 3 description with these `servers` in place of its own, as JSON or YAML, whichever it was. Comments and the order of
 * YAML stay.
 *
 * @param where What the text was read from, for errors.
 * @throws DiscoveryError `InvalidOptions` when it is not an OpenAPI 3 description.
 */
export function fillServers(text: string, servers: readonly OpenApiServer[], where: string): string {
  const json = parseJson(text);
  if (json !== undefined) {
    requireVersion(Object.hasOwn(json, 'openapi') ? json.openapi : undefined, where);
    return `${JSON.stringify({ ...json, servers }, null, 2)}\n`;
  }
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new DiscoveryError('InvalidOptions', `${where}: ${fault.message.trimEnd()}`, { cause: fault });
  requireVersion(isMap(document.contents) ? document.get('openapi') : undefined, where);
  document.set('servers', document.createNode(servers));
  return document.toString({ lineWidth: 0 });
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function requireVersion(version: unknown, where: string): void {
  if (/^3\./.test(String(version))) return;
  const found = version === undefined ? 'it has no "openapi"' : `its "openapi" is ${JSON.stringify(version)}`;
  throw new DiscoveryError('InvalidOptions', `${where} must be an OpenAPI 3 description: ${found}`);
}
