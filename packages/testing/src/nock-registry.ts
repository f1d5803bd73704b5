import { createRegistryAnswers, type TestOutputs } from './answer-registry.ts';
import type { TestServices } from './list-test-endpoints.ts';

interface NockInterceptor {
  reply(status: number, answer?: (uri: string, body: unknown) => object): unknown;
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
 * @param nock Version 14 or 15.
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
    .reply(200, (_uri, body) => answer(body));
  if (snapshotUrl === undefined) return;
  // Braces are no characters of a URL.
  const { origin: place, pathname: path } = new URL(snapshotUrl.replace('{stage}', 'STAGE'));
  const pattern = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace('STAGE', '[^/]+');
  nock(place)
    .persist()
    .get(new RegExp(`^${pattern}$`))
    .reply(404);
}
