import type { GraphqlTransport } from '@amplify-discovery/registry';
import type { CallerMode } from '../src/build-executable-schema.ts';
import type { OpenRegistry } from '../src/open-registry.ts';

/** Calls a registry in this process as an authenticated caller, for tests of resolvers. */
export function directTransport({ execute }: OpenRegistry, mode: CallerMode): GraphqlTransport {
  return async ({ query, variables }) => {
    const { status, body } = await execute(copy({ query, variables }), { mode });
    return { status, body: copy(body) };
  };
}

/** The value after a round trip through JSON. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
