import { isHttpEvent, readHttpEvent, type HttpEvent } from '@amplify-discovery/aws/http-event';
import { DiscoveryError } from '@amplify-discovery/core';
import type { Facade } from '../facade.ts';
import { requireToken } from './require-token.ts';

export interface FacadeHandlerOptions {
  /**
   * Who may ask. `iam`: only requests whose signature AWS has checked, so that a function URL or a route which somebody makes
   * public answers 403. Otherwise a token of at least 16 characters.
   */
  readonly access: 'iam' | { readonly token: string };
  /** How long before the invocation's deadline the facade gives up on its source. @default 500 */
  readonly marginMs?: number | undefined;
}

/** An HTTP API's or function URL's result. */
export interface FacadeResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Makes the handler of a Lambda function that is a facade, behind a function URL or an HTTP API (payload format 2.0). Make it once,
 * outside the handler, over a view with `maximumWaiting: 0`: a function that waits is paid for, so blocking queries are answered
 * at once.
 *
 * @throws DiscoveryError `InvalidOptions` for a short token.
 *
 * @example
 * ```ts
 * const trustedHosts = ['*.example.com'];
 * const view = createFacadeView({ source, stages: ['Production'], trustedHosts, maximumWaiting: 0 });
 * export const handler = createFacadeHandler(createPrometheusFacade(view), { access: 'iam' });
 * ```
 */
export function createFacadeHandler(
  facade: Facade,
  { access, marginMs = 500 }: FacadeHandlerOptions,
): (event: HttpEvent, context: { getRemainingTimeInMillis(): number }) => Promise<FacadeResult> {
  const checked = access === 'iam' ? facade : requireToken(facade, access.token);
  return async (event, context) => {
    if (!isHttpEvent(event)) {
      throw new DiscoveryError(
        'InvalidOptions',
        'The event is not one of an HTTP API (payload format 2.0) or a function URL',
      );
    }
    if (access === 'iam' && !event.requestContext.authorizer?.iam)
      return collect(
        new Response('The function URL or the route needs the authorization type AWS_IAM.\n', { status: 403 }),
      );
    const { method, target, headers, body } = readHttpEvent(event);
    const signal = AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - marginMs, 0));
    try {
      const init = { method, headers: headers.map(([...pair]): [string, string] => pair), signal };
      const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
      const request = new Request(`https://127.0.0.1${target}`, {
        ...init,
        ...(hasBody && { body: Buffer.from(body) }),
      });
      return await collect(await checked(request));
    } catch (error) {
      if (!signal.aborted) throw error;
      return collect(new Response('The source of endpoints has not answered in time.\n', { status: 504 }));
    }
  };
}

async function collect(response: Response): Promise<FacadeResult> {
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}
