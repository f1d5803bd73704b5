import { createRegistryAnswers, type TestOutputs } from './answer-registry.ts';
import type { TestServices } from './list-test-endpoints.ts';

/** What is needed of `http` of MSW 2 or 3. */
export interface MswHttp<Handler> {
  get(url: string, resolve: (info: { readonly request: Request }) => Response | Promise<Response>): Handler;
  post(url: string, resolve: (info: { readonly request: Request }) => Response | Promise<Response>): Handler;
}

/**
 * Handlers for the app's own `discover`: the registry of its outputs answers with these services. What the services answer is for
 * other handlers to say.
 *
 * @param http Of the MSW that the test uses, 2 or 3.
 * @throws DiscoveryError `InvalidOptions`.
 *
 * @example
 * ```ts
 * const handlers = mswHandlers(http, outputs, { orders: 'https://orders.example.com' });
 * const ofOrders = http.get('https://orders.example.com/v1', () => HttpResponse.json([]));
 * setupServer(...handlers, ofOrders).listen({ onUnhandledRequest: 'error' });
 * ```
 */
export function mswHandlers<Handler>(
  http: MswHttp<Handler>,
  outputs: TestOutputs,
  services: TestServices,
): readonly Handler[] {
  const { registryUrl, snapshotUrl, answer } = createRegistryAnswers(outputs, services);
  return [
    http.post(registryUrl, async ({ request }) => {
      const headers = { 'content-type': 'application/json' };
      return new Response(JSON.stringify(answer(await request.json())), { headers });
    }),
    ...(snapshotUrl === undefined
      ? []
      : [http.get(snapshotUrl.replace('{stage}', '*'), () => new Response(null, { status: 404 }))]),
  ];
}
