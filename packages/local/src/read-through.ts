import { parseSnapshot, type Endpoint, type Source } from '@amplify-discovery/core';
import type { ResolverCall } from './appsync-runtime.ts';
import { ResolverError } from './resolver-error.ts';

/** Stages that stand elsewhere. They are read there, at each question, and can't be written here. */
export interface ReadThrough {
  readonly source: Source;
  readonly stages: readonly string[];
}

type RunResolver = (call: ResolverCall) => Promise<unknown>;

const timeoutMs = 10_000;

/**
 * Answers for the stages of a registry that stand elsewhere, and leaves everything else to its resolvers. Endpoints that lie on
 * the reader's own machine are passed over: there they would be another program.
 */
export function readThrough({ source, stages }: ReadThrough, runResolver: RunResolver): RunResolver {
  return async (call) => {
    const { typeName, fieldName, args } = call;
    if (fieldName === 'snapshot' && stages.includes(args['stage'] as string)) return readSnapshot(source, args);
    if (fieldName === 'stages') return addStages(await runResolver(call), stages);
    const { stage } = Object(args['input'] ?? args) as { readonly stage?: unknown };
    if (typeName === 'Mutation' && stages.includes(stage as string)) {
      const message = `"${stage}" is read through from ${source.name}, and can't be written here`;
      throw new ResolverError(message, 'RegistryDenied');
    }
    return runResolver(call);
  };
}

async function readSnapshot(source: Source, args: ResolverCall['args']): Promise<object> {
  const { stage, services, knownRevision } = args as {
    stage: string;
    services?: readonly string[] | null;
    knownRevision?: string | null;
  };
  const answer = await source.load({
    stage,
    services: services ?? undefined,
    knownRevision: knownRevision ?? undefined,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const page = { stage, revision: answer.revision, unchanged: answer.unchanged === true, nextToken: null };
  if (answer.unchanged) return { ...page, endpoints: [] };
  const { endpoints } = parseSnapshot(answer, stage, () => 'listed');
  return { ...page, endpoints: endpoints.filter((endpoint) => !isOnThisMachine(endpoint)).map(toRecord) };
}

function addStages(page: unknown, stages: readonly string[]): unknown {
  const { stages: own, ...rest } = page as { readonly stages: readonly string[] };
  return { ...rest, stages: [...new Set([...own, ...stages])] };
}

/** More names than `isLocalHost` has: the others may not be called without TLS, but are this machine all the same. */
function isOnThisMachine({ target }: Endpoint): boolean {
  return URL.canParse(target) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(target).hostname);
}

/** The times as the registry's scalars take them. */
function toRecord({ expiresAt, ...endpoint }: Endpoint): object {
  return { ...endpoint, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }) };
}
