export interface CdnModelOptions {
  /** What the edges ask, over HTTP. */
  readonly origin: string;
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How many edges there are, each with a cache of its own. @default 40 */
  readonly edges?: number;
}

/** A CDN in this process, as CloudFront is with the cache policy CachingOptimized. */
export interface CdnModel {
  readonly requests: number;
  readonly originRequests: number;
  /** The answer of the next edge in turn. */
  answer(path: string, headers: Headers): Promise<Response>;
}

interface Cached {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  readonly freshUntil: number;
}

/**
 * Edges that keep an object as long as its Cache-Control says (RFC 9111: `s-maxage` before `max-age`), then ask the origin with its
 * ETag; while the origin fails they serve what they have (`stale-if-error`). Requests that come at once are one to the origin.
 * What a browser says about caching is not looked at.
 */
export function startCdnModel({ origin, fetch, now, edges = 40 }: CdnModelOptions): CdnModel {
  const caches = Array.from({ length: edges }, () => new Map<string, Cached>());
  const loading = new Map<string, Promise<Cached | undefined>>();
  let requests = 0;
  let originRequests = 0;

  async function load(path: string, known: Cached | undefined): Promise<Cached | undefined> {
    originRequests++;
    const etag = known?.headers.etag;
    const answer = await fetch(origin + path, { headers: etag ? { 'if-none-match': etag } : {} }).catch(
      () => undefined,
    );
    if (answer?.status === 304 && known) return { ...known, freshUntil: findFreshUntil(known.headers) };
    if (answer?.status !== 200) return known?.headers['cache-control']?.includes('stale-if-error') ? known : undefined;
    const headers = Object.fromEntries(
      ['etag', 'cache-control', 'content-type'].map((name) => [name, answer.headers.get(name) ?? '']),
    );
    return { bytes: new Uint8Array(await answer.arrayBuffer()), headers, freshUntil: findFreshUntil(headers) };
  }

  function findFreshUntil({ 'cache-control': directives = '' }: Cached['headers']): number {
    const find = (name: string) => new RegExp(`(?:^|[ ,])${name}=(\\d+)`).exec(directives)?.[1];
    return now() + Number(find('s-maxage') ?? find('max-age') ?? 0) * 1000;
  }

  return {
    get requests() {
      return requests;
    },
    get originRequests() {
      return originRequests;
    },
    async answer(path, headers) {
      const edge = requests++ % edges;
      const cache = caches[edge] as Map<string, Cached>;
      let cached = cache.get(path);
      if (!cached || now() >= cached.freshUntil) {
        const name = `${edge} ${path}`;
        if (!loading.has(name))
          loading.set(
            name,
            load(path, cached).finally(() => loading.delete(name)),
          );
        cached = await loading.get(name);
        if (!cached) return new Response(null, { status: 502 });
        cache.set(path, cached);
      }
      const isKnown = headers.get('if-none-match') === cached.headers.etag;
      return new Response(isKnown ? null : cached.bytes, { status: isKnown ? 304 : 200, headers: cached.headers });
    },
  };
}
