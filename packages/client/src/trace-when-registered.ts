import { findTelemetry, type Resolver, type Source } from '@amplify-discovery/core';
import type * as tracingModule from './tracing.ts';

/** What makes spans; undefined where it can't be loaded, since watching must not break a call. */
function loadTracing(): Promise<typeof tracingModule | undefined> {
  return import('./tracing.ts').catch(() => undefined);
}

/** The source with a span around each load. What makes spans is loaded only while an OpenTelemetry SDK is registered. */
export function traceSourceWhenRegistered(source: Source): Source {
  return {
    name: source.name,
    async load(request) {
      const tracing = findTelemetry() ? await loadTracing() : undefined;
      return (tracing?.traceSource(source) ?? source).load(request);
    },
  };
}

/** The same for a resolver's calls by name. */
export function traceResolverWhenRegistered(resolver: Resolver): Resolver {
  return {
    ...resolver,
    // A span is around `resolve` alone.
    findFresh: (...call) => (findTelemetry() ? undefined : resolver.findFresh(...call)),
    resolve: (...call) =>
      findTelemetry()
        ? loadTracing().then((tracing) => (tracing?.traceResolver(resolver) ?? resolver).resolve(...call))
        : resolver.resolve(...call),
  };
}
