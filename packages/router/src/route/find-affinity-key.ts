import type { AffinityRule } from '@amplify-discovery/core';
import { findHeader, findHeaders, type HeaderList } from './header-list.ts';

/** The caller's key; undefined when the request carries none. */
export function findAffinityKey({ header, cookie }: AffinityRule, headers: HeaderList): string | undefined {
  const inHeader = header === undefined ? undefined : findHeader(headers, header);
  if (inHeader || cookie === undefined) return inHeader || undefined;
  const pairs = findHeaders(headers, 'cookie').flatMap((value) => value.split(';'));
  const pair = pairs.map((text) => text.trim()).find((text) => text.startsWith(`${cookie}=`));
  return pair?.slice(cookie.length + 1) || undefined;
}
