import { createRegistryAnswers, type TestOutputs } from './answer-registry.ts';
import type { TestServices } from './list-test-endpoints.ts';

interface NockInterceptor {
  reply(status: number, answer?: (...request: readonly unknown[]) => Promise<object>): unknown;
}

interface NockScope {
  persist(): NockScope;
  get(path: RegExp): NockInterceptor;
  post(path: string): NockInterceptor;
}

/**
 * Has nock answer for the registry of the app's outputs with these services, until `nock.cleanAll()`. What the services answer is for
 * other interceptors to say.
 *
 * @param nock Of nock 14 or 15, which call what replies in different ways.
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * nockRegistry(nock, outputs, { orders: 'https://orders.example.com' });
 * nock('https://orders.example.com').get('/v1').reply(200, []);
 * ```
 */
export function nockRegistry(nock: (origin: string) => NockScope, outputs: TestOutputs, services: TestServices): void {
  const { registryUrl, snapshotUrl, answer } = createRegistryAnswers(outputs, services);
  const { origin, pathname } = new URL(registryUrl);
  nock(origin)
    .persist()
    .post(pathname)
    // Without parameters of its own: their number tells nock whether the function expects a callback.
    .reply(200, async (...request) => answer(await readBody(request)));
  if (snapshotUrl === undefined) return;
  // Braces are no characters of a URL.
  const { origin: place, pathname: path } = new URL(snapshotUrl.replace('{stage}', 'STAGE'));
  const pattern = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace('STAGE', '[^/]+');
  nock(place)
    .persist()
    .get(new RegExp(`^${pattern}$`))
    .reply(404);
}

/** nock 14 passes the URI and the parsed body, nock 15 a Request. */
function readBody([request, body]: readonly unknown[]): unknown {
  return typeof request === 'string' ? body : (request as Request).json();
}
