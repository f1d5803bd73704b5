import { isStackOwner } from './is-stack-owner.ts';
import { quoteWord } from '../quote-word.ts';
import type { ListedEndpoint } from '../records/listed-endpoint.ts';

/** The checks of doctor. */
export type Check =
  | 'malformed'
  | 'expired'
  | 'expires-soon'
  | 'override-ends'
  | 'override-lasts'
  | 'frozen'
  | 'abandoned-preview'
  | 'owner-gone'
  | 'differs-in-case'
  | 'untrusted-host'
  | 'dns'
  | 'connection'
  | 'tls'
  | 'cors'
  | 'key-expires'
  | 'key-unknown'
  | 'bridge-stopped'
  | 'mark-unowned';

/** A fault, and how to fix it. */
export interface Finding {
  readonly check: Check;
  /** `warning`: works today. `error`: callers fail, or will. */
  readonly severity: 'error' | 'warning';
  /** `stage/service/id`, a stage, an API key, or the stage and mark of a bridge. */
  readonly subject: string;
  readonly problem: string;
  readonly fix: string;
  /** The record that `--fix` may de-register without harm. */
  readonly removable?: ListedEndpoint;
}

/** The name of a record in findings. */
export function nameRecord({ stage, service, id }: ListedEndpoint): string {
  return `${stage}/${service}/${id}`;
}

/** The command line that removes exactly this record and no newer one. */
export function writeDeregister({ stage, service, id, owner, token }: ListedEndpoint): string {
  const options = [`--stage ${quoteWord(stage)}`, `--id ${quoteWord(id)}`];
  if (isStackOwner(owner)) options.push('--takeover', '--reason "its stack is gone"');
  else if (owner !== undefined) options.push(`--owner ${quoteWord(owner)}`);
  if (token !== undefined) options.push(`--token ${quoteWord(token)}`);
  return `discovery deregister ${quoteWord(service)} ${options.join(' ')}`;
}
