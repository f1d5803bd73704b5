import {
  DiscoveryError,
  isDiscoveryError,
  type ReportEvent,
  type Source,
  type SourceAnswer,
  type SourceRequest,
  throwIfAborted,
} from '@amplify-discovery/core';

export interface FallbackSourceOptions {
  /** Shown in events and messages. @default the sources' names, joined by ` > ` */
  readonly name?: string | undefined;
  /** For sources of different registries: what one of them calls a revision says nothing to the next. @default false */
  readonly separatesRevisions?: boolean | undefined;
  /** Gets `refresh-failed` for each source that failed before another answered. @default none */
  readonly report?: ReportEvent | undefined;
}

/**
 * A source that asks the given ones in order until one answers: snapshots first and the registry when that fails, or the
 * other way round. A partial snapshot answers callers that want only services in it; others get it when no other source
 * answers and they have no snapshot to fall back on. When none answers, it rejects with the first retryable error, else
 * with the first one.
 *
 * @example
 * ```ts
 * const source = createFallbackSource([createSnapshotSource({ url, trustedKeys }), registrySource({ transport })]);
 * ```
 */
export function createFallbackSource(sources: readonly Source[], options: FallbackSourceOptions = {}): Source {
  const { name = sources.map((source) => source.name).join(' > '), separatesRevisions, report } = options;
  function reportFailure(stage: string, error: DiscoveryError): void {
    try {
      report?.({ type: 'refresh-failed', stage, error });
    } catch {
      // Watching must not break a call.
    }
  }
  if (!sources.length) throw new DiscoveryError('InvalidOptions', 'sources: the list is empty');
  return {
    name,
    async load(request) {
      const errors: DiscoveryError[] = [];
      let part: SourceAnswer | undefined;
      for (const [index, source] of sources.entries()) {
        try {
          const answer = await (separatesRevisions ? loadTagged(source, request, `${index}:`) : source.load(request));
          if (isEnough(answer, request.services)) return answer;
          part ??= answer;
        } catch (cause) {
          throwIfAborted(request.signal);
          const { stage } = request;
          const error = isDiscoveryError(cause)
            ? cause
            : new DiscoveryError('RegistryUnavailable', `Snapshot of "${stage}" from ${source.name} failed`, {
                stage,
                cause,
              });
          errors.push(error);
          if (source !== sources.at(-1)) reportFailure(stage, error);
        }
      }
      if (part && !(request.hasFallback && errors.length)) return part;
      throw errors.find((error) => error.retryable) ?? errors[0];
    },
  };
}

function isEnough(answer: SourceAnswer, wanted: readonly string[] | undefined): boolean {
  if (answer.unchanged || !answer.partial) return true;
  const names = new Set(answer.endpoints.map((record) => (record as { service?: unknown } | null)?.service));
  return !!wanted?.length && wanted.every((name) => names.has(name));
}

/** The source's own revision is the one behind the tag. */
async function loadTagged(source: Source, request: SourceRequest, tag: string): Promise<SourceAnswer> {
  const { knownRevision } = request;
  const own = knownRevision?.startsWith(tag) ? knownRevision.slice(tag.length) : undefined;
  const answer = await source.load({ ...request, knownRevision: own });
  return { ...answer, revision: tag + answer.revision };
}
