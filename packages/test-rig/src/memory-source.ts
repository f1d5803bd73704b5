import type { Source, SourceAnswer, SourceRequest } from '@amplify-discovery/core';

export interface MemorySource extends Source {
  /** Every request so far, oldest first. */
  readonly requests: readonly SourceRequest[];
  /** Adds an endpoint, or replaces the one with the same stage, service and id. */
  register(endpoint: MemoryEndpoint): void;
  deregister(stage: string, service: string, id?: string): void;
  /** Makes every load reject with this, or with what this function makes of the stage, until it is called with undefined. */
  failWith(error: unknown): void;
  /** Holds every load that starts from now on, until the returned function is called. */
  hold(): () => void;
}

/** What a snapshot's record needs at least; other fields are passed on as they are. */
export interface MemoryEndpoint {
  readonly stage: string;
  readonly service: string;
  readonly id?: string | undefined;
  readonly [field: string]: unknown;
}

/** A source that holds its endpoints in memory and counts what it is asked, for tests of whatever reads a source. */
export function memorySource(name = 'memory'): MemorySource {
  const requests: SourceRequest[] = [];
  const stages = new Map<string, Map<string, MemoryEndpoint>>();
  const revisions = new Map<string, number>();
  let failure: { readonly error: unknown } | undefined;
  let gate: Promise<void> | undefined;

  const endpointsOf = (stage: string) => {
    const found = stages.get(stage) ?? new Map<string, MemoryEndpoint>();
    stages.set(stage, found);
    return found;
  };
  const touch = (stage: string) => revisions.set(stage, (revisions.get(stage) ?? 0) + 1);

  return {
    name,
    requests,
    register(endpoint) {
      const { stage, service, id = 'default' } = endpoint;
      endpointsOf(stage).set(`${service}#${id}`, { ...endpoint, id });
      touch(stage);
    },
    deregister(stage, service, id = 'default') {
      if (endpointsOf(stage).delete(`${service}#${id}`)) touch(stage);
    },
    failWith(error) {
      failure = error === undefined ? undefined : { error };
    },
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = () => {
          gate = undefined;
          resolve();
        };
      });
      return open;
    },
    async load(request): Promise<SourceAnswer> {
      const { stage, services, knownRevision, signal } = request;
      requests.push(request);
      signal.throwIfAborted();
      if (gate) await Promise.race([gate, rejectOnAbort(signal)]);
      if (failure) throw typeof failure.error === 'function' ? failure.error(stage) : failure.error;
      const revision = `r${revisions.get(stage) ?? 0}`;
      if (revision === knownRevision) return { unchanged: true, revision };
      const endpoints = [...endpointsOf(stage).values()];
      return {
        revision,
        endpoints: services ? endpoints.filter(({ service }) => services.includes(service)) : endpoints,
      };
    },
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
