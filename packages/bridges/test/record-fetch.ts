type Fetch = typeof globalThis.fetch;

/** One request and its answer, as a server gave it. */
export interface Exchange {
  /** `PUT /v1/txn?dc=eu` */
  readonly request: string;
  readonly body?: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: unknown;
}

/** A fetch that keeps what a server answers, with those of its headers that begin so. */
export function recordFetch(headerPrefix: string): { readonly fetch: Fetch; readonly exchanges: Exchange[] } {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const text = await response.clone().text();
      const headers = [...response.headers].filter(([name]) => name.startsWith(headerPrefix));
      exchanges.push({
        ...readRequest(input, init),
        status: response.status,
        headers: Object.fromEntries(headers),
        answer: /^[[{"tfn\d]/.test(text) ? (JSON.parse(text) as unknown) : text,
      });
      return response;
    },
  };
}

/** A small double of the server: each answer is given once, in the order of its recording, to the request that it belongs to. */
export function replayFetch(exchanges: readonly Exchange[]): { readonly fetch: Fetch; readonly rest: () => number } {
  const left = [...exchanges];
  return {
    rest: () => left.length,
    fetch: async (input, init) => {
      const { request, body } = readRequest(input, init);
      const isAsked = (one: Exchange) => one.request === request && JSON.stringify(one.body) === JSON.stringify(body);
      const index = left.findIndex(isAsked);
      const [found] = index === -1 ? [] : left.splice(index, 1);
      if (!found) throw new Error(`${request} ${JSON.stringify(body)} was not recorded`);
      const { status, headers, answer } = found;
      return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status, headers });
    },
  };
}

function readRequest(input: Parameters<Fetch>[0], init: RequestInit = {}): Pick<Exchange, 'request' | 'body'> {
  const { pathname, search } = new URL(String(input));
  const text = init.body;
  return {
    request: `${init.method ?? 'GET'} ${pathname}${search}`,
    ...(typeof text === 'string' && { body: JSON.parse(text) as unknown }),
  };
}
