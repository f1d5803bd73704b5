import type { Endpoint } from './endpoint.ts';

/** The entry of a record's metadata that names the other system it was read from, `cloud-map:internal`. */
export const originKey = 'discovery.origin';

/** The other system that the endpoint was read from; undefined for one that was registered by its own deployment. */
export function findOrigin({ metadata }: Pick<Endpoint, 'metadata'>): string | undefined {
  return metadata && Object.hasOwn(metadata, originKey) ? metadata[originKey] : undefined;
}
