import type { GraphqlTransport } from '@amplify-discovery/registry';
import type { CallerMode } from '../src/build-executable-schema.ts';
import type { OpenRegistry } from '../src/open-registry.ts';

/** Asks a registry of this process as a caller who has been let in, for tests of what resolvers do. */
export function directTransport({ execute }: OpenRegistry, mode: CallerMode): GraphqlTransport {
  return async ({ query, variables }) => {
    const { status, body } = await execute(copy({ query, variables }), { mode });
    return { status, body: copy(body) };
  };
}

/** What JSON leaves of a value. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
