import { cleanText } from '@amplify-discovery/core';
import type { JSX } from 'preact';

/** A text that others wrote: what would hide or reorder it is written out, and it can't change the direction of what is beside it. */
export function Text({ value, label }: { readonly value: string; readonly label?: string }): JSX.Element {
  return (
    <bdi title={cleanText(value)}>
      {label !== undefined && <span class="unseen">{label} </span>}
      {cleanText(value)}
    </bdi>
  );
}
