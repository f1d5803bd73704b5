import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DiscoveryError, showValue, type Endpoint, type Snapshot } from '@amplify-discovery/core';
import {
  isCatalogUrl,
  listOpenApiServers,
  planCatalog,
  selectCatalogEndpoints,
} from '@amplify-discovery/publisher/catalog';
import { describeFileError } from '../terminal/describe-file-error.ts';
import { fillServers } from './fill-servers.ts';

/** The formats of catalogs, and where the publisher has them. */
const paths = { 'api-catalog': '.well-known/api-catalog', mcp: 'v0.1/servers', openapi: undefined } as const;

export type CatalogFormat = keyof typeof paths;

export const catalogFormats = Object.keys(paths) as readonly CatalogFormat[];

export interface CatalogRequest {
  readonly format: CatalogFormat;
  /** `--url` */
  readonly url: string | undefined;
  /** `--document` */
  readonly document: string | undefined;
  /** `--service`. Empty for all. */
  readonly services: readonly string[];
  /** Regions whose servers come first in `openapi`. */
  readonly prefer: readonly string[] | undefined;
  readonly cwd: string;
  readonly now: number;
}

/** What goes into a file. */
export interface RenderedStage {
  readonly text: string;
  /** What does not, and why. */
  readonly skipped: readonly string[];
  /** Why nothing may be written: a mistyped name must not replace a good file with an empty one. */
  readonly failure?: DiscoveryError | undefined;
}

/**
 * The snapshot's public endpoints as a catalog, by the rules that the publisher has.
 *
 * @throws DiscoveryError `InvalidOptions` for options that are missing or wrong.
 */
export async function renderCatalog(snapshot: Snapshot, request: CatalogRequest): Promise<RenderedStage> {
  const { format, services, now } = request;
  const { stage } = snapshot;
  const records = snapshot.endpoints.filter(({ service }) => services.length === 0 || services.includes(service));
  const { endpoints, skipped } = selectCatalogEndpoints(records, stage, now);
  const explain = (all: typeof skipped) => all.map(({ service, id, reason }) => `"${service}" (${id}): ${reason}`);
  const failure = findFailure(stage, endpoints, services);
  if (format === 'openapi') {
    const [service, ...others] = services;
    if (service === undefined || others.length > 0 || request.document === undefined)
      throw new DiscoveryError('InvalidOptions', 'openapi needs --document FILE and one --service SERVICE');
    const text = await readFile(resolve(request.cwd, request.document), 'utf8').catch((error: unknown) => {
      throw describeFileError('--document', error);
    });
    const servers = listOpenApiServers(endpoints, service, request);
    const filled = fillServers(text, servers, `--document: ${request.document}`);
    return { text: filled, skipped: explain(skipped), failure };
  }
  const plan = planCatalog({ stage, records, url: getUrl(request), now });
  const { text = '' } = plan.files.find(({ path }) => path === paths[format]) ?? {};
  return { text, skipped: explain(plan.skipped), failure };
}

function findFailure(
  stage: string,
  endpoints: readonly Endpoint[],
  services: readonly string[],
): DiscoveryError | undefined {
  const missing = services.filter((name) => !endpoints.some(({ service }) => service === name));
  if (endpoints.length > 0 && missing.length === 0) return undefined;
  const what = missing.length > 0 ? `of "${missing.join('", "')}" ` : '';
  const message = `No endpoint ${what}in "${stage}" is public, and catalogs show no others; nothing was written`;
  return new DiscoveryError('ServiceNotFound', message, { stage });
}

function getUrl({ format, url }: CatalogRequest): string {
  if (isCatalogUrl(url)) return url;
  const found = url === undefined ? '' : `: it is ${showValue(url)}`;
  throw new DiscoveryError(
    'InvalidOptions',
    `${format} needs --url, the https address at whose root the file will be, such as https://api.example.com${found}`,
  );
}
