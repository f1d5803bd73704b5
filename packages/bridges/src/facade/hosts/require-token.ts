import { isSameSecret } from '@amplify-discovery/aws/is-same-secret';
import { DiscoveryError } from '@amplify-discovery/core';
import type { Facade } from '../facade.ts';

/**
 * The facade for callers that have the token alone; others get 401. It is taken from where the clients of these systems can put
 * one: `Authorization: Bearer`, the password of `Authorization: Basic`, `X-Consul-Token`.
 *
 * @throws DiscoveryError `InvalidOptions` for a token that is shorter than 16 characters, or has others than visible ASCII ones.
 *
 * @example
 * ```ts
 * const facade = requireToken(createPrometheusFacade(view), process.env.FACADE_TOKEN ?? '');
 * ```
 */
export function requireToken(facade: Facade, token: string): Facade {
  if (!/^[\x21-\x7e]{16,}$/.test(token)) {
    throw new DiscoveryError(
      'InvalidOptions',
      'The token of a facade is not 16 or more ASCII characters without spaces',
    );
  }
  return async (request) => {
    const given = findTokens(request.headers);
    // Each is compared, so that the time says nothing about which one was right.
    const isRight = given.filter((one) => isSameSecret(one, token)).length > 0;
    if (isRight) return facade(request);
    return new Response('A token is needed: see the documentation of discovery facade.\n', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer, Basic realm="discovery"', 'cache-control': 'no-store' },
    });
  };
}

function findTokens(headers: Headers): readonly string[] {
  const authorization = headers.get('authorization') ?? '';
  // Prometheus 2 leaves out the scheme.
  const [, bearer] = /^(?:bearer +)?(\S+)$/i.exec(authorization) ?? [];
  const [, basic] = /^basic +(\S+)$/i.exec(authorization) ?? [];
  const password = basic === undefined ? undefined : /:(.*)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1];
  return [bearer, password, headers.get('x-consul-token')].filter((text) => typeof text === 'string');
}
