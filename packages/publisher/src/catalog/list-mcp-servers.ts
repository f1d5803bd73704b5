import type { Endpoint } from '@amplify-discovery/core';
import type { SkippedRecord } from './select-catalog-endpoints.ts';

interface McpServer {
  readonly $schema: string;
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly version: string;
  readonly remotes: readonly { readonly type: 'streamable-http'; readonly url: string }[];
}

/** What `GET /v0.1/servers` of an MCP registry answers, as one page. */
export interface McpServerList {
  readonly servers: readonly { readonly server: McpServer }[];
  readonly metadata: { readonly count: number };
}

const schema = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';

/**
 * The MCP servers among the endpoints, those with `protocol: mcp` in their metadata, as an MCP registry lists them. Endpoints of
 * one service and version are one server with several remotes. `title` and `description` come from the metadata of those names.
 *
 * @param host The publisher's, whose reversed labels are the namespace of the servers: `com.example.api/orders`.
 */
export function listMcpServers(
  endpoints: readonly Endpoint[],
  host: string,
): { readonly list: McpServerList; readonly skipped: readonly SkippedRecord[] } {
  const namespace = host.split('.').reverse().join('.');
  const skipped: SkippedRecord[] = [];
  const servers = new Map<string, McpServer>();
  for (const endpoint of endpoints) {
    const { service, id, stage, version, target } = endpoint;
    if (findText(endpoint, 'protocol') !== 'mcp') continue;
    const name = `${namespace}/${service}`;
    const reason = findReason(name, endpoint);
    if (reason !== undefined || version === undefined) {
      skipped.push({ service, id, reason: reason ?? 'an MCP server needs a version: register it with one' });
      continue;
    }
    const key = `${service} ${version}`;
    const known = servers.get(key);
    const title = findText(endpoint, 'title');
    const remotes = [...(known?.remotes ?? []), { type: 'streamable-http' as const, url: target }];
    servers.set(key, {
      $schema: schema,
      name,
      ...(title !== undefined && { title }),
      description: findText(endpoint, 'description') ?? cut(`MCP server "${service}" of stage ${stage}`),
      version,
      ...known,
      remotes: remotes.filter(({ url }, index) => remotes.findIndex((other) => other.url === url) === index),
    });
  }
  const list = { servers: [...servers.values()].map((server) => ({ server })), metadata: { count: servers.size } };
  return { list, skipped };
}

function findReason(name: string, { target, kind }: Endpoint): string | undefined {
  if (!target.startsWith('https:') || (kind !== 'http' && kind !== 'rest'))
    return `MCP is spoken over HTTP: it is registered as ${kind}`;
  return name.length > 200 ? `its name in an MCP registry has more than 200 characters: ${name}` : undefined;
}

/** One line of metadata without what could change how the text around it is shown; undefined when nothing is left. */
function findText({ metadata = {} }: Endpoint, key: string): string | undefined {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return cut((text ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim()) || undefined;
}

/** To the 100 characters that the format allows. */
function cut(text: string): string {
  const characters = [...text];
  return characters.length > 100 ? `${characters.slice(0, 99).join('')}…` : text;
}
