import type { Endpoint } from '@amplify-discovery/core';

/** The entry of a record's metadata that names the system it was read from: `cloud-map:internal`. */
const originKey = 'discovery.origin';

/** The record with the name of the system that it comes from. Its host has no derived trust from then on. */
export function markOrigin<R extends { readonly metadata?: Readonly<Record<string, string>> | undefined }>(
  record: R,
  origin: string,
): R {
  return { ...record, metadata: { ...record.metadata, [originKey]: origin } };
}

/** Whether the endpoint was read from that system, so that it is not copied back to where it is at home. */
export function isImportedFrom({ metadata }: Endpoint, name: string): boolean {
  return metadata !== undefined && Object.hasOwn(metadata, originKey) && metadata[originKey] === name;
}
