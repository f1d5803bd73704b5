import type { Source } from '@amplify-discovery/core';

/** The revision that a stage has now. No endpoint is sent along. */
export async function readRevision(source: Source, stage: string, signal: AbortSignal): Promise<string> {
  return (await source.load({ stage, services: [], signal })).revision;
}
