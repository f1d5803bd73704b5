import { listRecord } from '@amplify-discovery/console';
import type { EndpointChange } from '@amplify-discovery/registry/operations';

/** The outcome of a write, as `--json` prints it. */
export function listChange(change: EndpointChange): object {
  return { ...change, endpoint: change.endpoint && listRecord(change.endpoint) };
}

const verbs: Readonly<Record<EndpointChange['change'], string>> = {
  registered: 'Registered',
  updated: 'Updated',
  deregistered: 'De-registered',
  overridden: 'Overrode',
  unchanged: 'Unchanged:',
};

/** One line about what a write did. */
export function describeChange({ change, service, id, stage, endpoint }: EndpointChange, origin: string): string {
  const target = endpoint === null ? '' : ` at ${endpoint.target}`;
  return `${verbs[change] ?? change} ${service}/${id} in ${stage}${target} (registry from ${origin})`;
}
