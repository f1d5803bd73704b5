import { DiscoveryError } from '@amplify-discovery/core';
import { createDiscovery } from 'amplify-discovery';
import type { TestOutputs } from './answer-registry.ts';

interface PageRequest {
  url(): string;
  headers(): Record<string, string>;
}

interface PageResponse {
  headers(): Record<string, string>;
}

interface PageRoute {
  request(): PageRequest;
  fetch(options: { url: string }): Promise<PageResponse>;
  /** The response is what `fetch` gave, of whatever class. */
  fulfill(options: { response: never; headers: Record<string, string> }): Promise<void>;
}

type RouteHandler = (route: PageRoute) => Promise<void>;

/** What is needed of a page, or a browser context, of Playwright. */
export interface RoutedPage {
  route(matches: (url: URL) => boolean, handle: RouteHandler): Promise<unknown>;
  unroute(matches: (url: URL) => boolean, handle: RouteHandler): Promise<unknown>;
}

/** Where the app calls the service: as its registry says, or at this URL. */
export type RedirectedService = { readonly outputs: TestOutputs } | { readonly from: string };

/**
 * Answers what a page asks of a service with what another server says, such as one on this machine. The page is the built app as it
 * will be deployed: it calls the service's real address, which its own trusted hosts list, and the browser never learns of the other one.
 *
 * @param url Below which the service is on the other server: `http://127.0.0.1:3000`.
 * @param service Where it is for the app. With `outputs` the registry or its snapshots are read once, here.
 * @returns Ends it.
 * @throws DiscoveryError `ServiceNotFound` when no endpoint of the service may be called.
 *
 * @example
 * ```ts
 * await redirectService(page, 'orders', 'http://127.0.0.1:3000', { outputs });
 * await page.goto('/');
 * ```
 */
export async function redirectService(
  page: RoutedPage,
  service: string,
  url: string,
  where: RedirectedService,
): Promise<() => Promise<void>> {
  const targets = 'from' in where ? [where.from] : await listTargets(service, where.outputs);
  const bases = targets.map((target) => target.replace(/\/+$/, ''));
  const findBase = (href: string) =>
    bases.find((base) => href.startsWith(base) && /^([/?#]|$)/.test(href.slice(base.length)));
  const matches = ({ href }: URL) => findBase(href) !== undefined;

  async function handle(route: PageRoute): Promise<void> {
    const request = route.request();
    const rest = request.url().slice(findBase(request.url())?.length ?? 0);
    const response = await route.fetch({ url: url.replace(/\/+$/, '') + rest });
    // The page's origin is another than the service's, and a server on this machine may not know that.
    const { origin } = request.headers();
    const headers = origin === undefined ? {} : { 'access-control-allow-origin': origin };
    await route.fulfill({ response: response as never, headers: { ...headers, ...response.headers() } });
  }

  await page.route(matches, handle);
  return async () => void (await page.unroute(matches, handle));
}

async function listTargets(service: string, { custom }: TestOutputs): Promise<readonly string[]> {
  const discovery = createDiscovery({
    ...(custom as { readonly discovery?: object } | undefined)?.discovery,
    storage: createNoStorage(),
    tabs: {},
  });
  await discovery.refresh();
  const rows = discovery.inspect().filter((row) => row.service === service);
  const targets = rows.flatMap(({ target }) => (target === undefined || target.startsWith('arn:') ? [] : [target]));
  if (targets.length > 0) return targets;
  const reason = rows.find(({ rejected }) => rejected !== undefined)?.rejected ?? 'it is not registered there';
  throw new DiscoveryError('ServiceNotFound', `No endpoint of "${service}" to redirect: ${reason}`, { service });
}

/** What the registry says now, and not what another test has left. */
function createNoStorage() {
  return { setItem: async () => {}, getItem: async () => null, removeItem: async () => {}, clear: async () => {} };
}
