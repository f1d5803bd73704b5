import { buildApiCatalog } from './build-api-catalog.ts';
import { listMcpServers } from './list-mcp-servers.ts';
import { selectCatalogEndpoints, type SkippedRecord } from './select-catalog-endpoints.ts';

export interface CatalogFile {
  /** Below the address of the catalog, without a leading slash. */
  readonly path: string;
  readonly contentType: string;
  readonly text: string;
}

export interface CatalogPlan {
  readonly files: readonly CatalogFile[];
  readonly skipped: readonly SkippedRecord[];
}

export interface CatalogOptions {
  readonly stage: string;
  /** The stage's endpoints, as a source gave them. */
  readonly records: readonly unknown[];
  /** Where the files are served: `https://api.example.com`. */
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The catalog files of a stage's public endpoints: `.well-known/api-catalog` (RFC 9727) and `v0.1/servers`, the list of an MCP
 * registry. They depend on the stage and the address alone.
 */
export function planCatalog({ stage, records, url, now }: CatalogOptions): CatalogPlan {
  const { origin, hostname } = new URL(url);
  const { endpoints, skipped } = selectCatalogEndpoints(records, stage, now);
  const mcp = listMcpServers(endpoints, hostname);
  const write = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    files: [
      {
        path: '.well-known/api-catalog',
        contentType: 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
        text: write(buildApiCatalog(endpoints, `${origin}/.well-known/api-catalog`)),
      },
      { path: 'v0.1/servers', contentType: 'application/json', text: write(mcp.list) },
    ],
    skipped: [...skipped, ...mcp.skipped],
  };
}
