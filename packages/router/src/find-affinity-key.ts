import type { AffinityRule } from '@amplify-discovery/core';
import type { Header } from './router-request.ts';

/** The caller's key; undefined when the request carries none. */
export function findAffinityKey({ header, cookie }: AffinityRule, headers: readonly Header[]): string | undefined {
  const valueOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1];
  const inHeader = header === undefined ? undefined : valueOf(header);
  if (inHeader || cookie === undefined) return inHeader || undefined;
  const pairs = headers.filter(([name]) => name.toLowerCase() === 'cookie').flatMap(([, value]) => value.split(';'));
  const pair = pairs.map((text) => text.trim()).find((text) => text.startsWith(`${cookie}=`));
  return pair?.slice(cookie.length + 1) || undefined;
}
