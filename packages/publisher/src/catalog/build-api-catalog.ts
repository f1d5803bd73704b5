import type { Endpoint } from '@amplify-discovery/core';

interface Link {
  readonly href: string;
  readonly title?: string;
  readonly type?: string;
}

/** One context of a linkset: where its links start, and the links by their relation. */
interface LinkContext {
  readonly anchor: string;
  readonly [relation: string]: string | readonly Link[];
}

export interface ApiCatalog {
  readonly linkset: readonly LinkContext[];
}

/** https://www.rfc-editor.org/rfc/rfc8631: what may be said of an API. A record's metadata has the URL under the same name. */
const relations = ['service-desc', 'service-doc', 'service-meta', 'status'] as const;

/**
 * The APIs as the linkset of RFC 9727: all of them as items of the catalog, then each with the links that its metadata has under
 * `service-desc`, `service-doc`, `service-meta` and `status`. An agent (`protocol: a2a`) links to its own card, by default at
 * A2A's well-known path: a record doesn't have the skills and modes that a card needs, so none is made here.
 *
 * @param url Where the catalog is served: `https://api.example.com/.well-known/api-catalog`.
 */
export function buildApiCatalog(endpoints: readonly Endpoint[], url: string): ApiCatalog {
  const targets = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const group = targets.get(endpoint.target);
    if (group) group.push(endpoint);
    else targets.set(endpoint.target, [endpoint]);
  }
  const item = [...targets].map(([href, [first]]) => ({ href, title: first?.service }) as Link);
  const described = [...targets].flatMap(([anchor, group]) => {
    const links = relations.flatMap((relation) => {
      const found = listLinks(group, relation);
      return found.length > 0 ? [[relation, found] as const] : [];
    });
    return links.length > 0 ? [{ anchor, ...Object.fromEntries(links) }] : [];
  });
  return { linkset: [{ anchor: url, item }, ...described] };
}

function listLinks(endpoints: readonly Endpoint[], relation: (typeof relations)[number]): readonly Link[] {
  const hrefs = new Set(
    endpoints.flatMap(({ metadata = {}, target }) => {
      const given = Object.hasOwn(metadata, relation) ? findUrl(metadata[relation]) : undefined;
      if (given !== undefined) return [given];
      const isAgent = Object.hasOwn(metadata, 'protocol') && metadata.protocol === 'a2a';
      return isAgent && relation === 'service-desc' ? [new URL('/.well-known/agent-card.json', target).href] : [];
    }),
  );
  return [...hrefs].map((href) => ({
    href,
    ...(href.endsWith('/.well-known/agent-card.json') && { type: 'application/json' }),
  }));
}

/** Only what a browser may open as a link to the web. */
function findUrl(text: string | undefined): string | undefined {
  const url = URL.canParse(text ?? '') ? new URL(text as string) : undefined;
  return url?.protocol === 'https:' && !url.username && !url.password ? url.href : undefined;
}
