import type { JSX } from 'preact';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';
import { shareOf } from '../model/share-of.ts';

/** The weights of a service's endpoints as one bar for each priority; those behind the first are pale. */
export function Shares({ endpoints }: { readonly endpoints: readonly ListedEndpoint[] }): JSX.Element {
  const priorities = [...new Set(endpoints.map(({ priority }) => priority))];
  return (
    <span class="shares" aria-hidden="true">
      {priorities.map((priority, index) => (
        <span key={priority} class={index === 0 ? 'bar' : 'bar spare'}>
          {endpoints
            .filter((endpoint) => endpoint.priority === priority)
            .map((endpoint) => (
              <span key={endpoint.id} class="share" style={{ flexGrow: shareOf(endpoint, endpoints) }} />
            ))}
        </span>
      ))}
    </span>
  );
}
