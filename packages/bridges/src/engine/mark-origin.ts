import { originKey } from '@amplify-discovery/core';

/** The record with the name of the system that it comes from. Its host has no derived trust from then on. */
export function markOrigin<R extends { readonly metadata?: Readonly<Record<string, string>> | undefined }>(
  record: R,
  origin: string,
): R {
  return { ...record, metadata: { ...record.metadata, [originKey]: origin } };
}
