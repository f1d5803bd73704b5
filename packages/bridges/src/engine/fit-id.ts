import { createHash } from 'node:crypto';
import { isName } from '@amplify-discovery/core';

/** The text where it can be an endpoint's id, else one like it with a hash, so that two texts never become one id. */
export function fitId(text: string): string {
  const isFit: boolean = isName(text);
  if (isFit) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.replace(/[^\w-]/g, '-').slice(0, 100)}-${hash}`;
}
