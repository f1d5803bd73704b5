import type { Resolver } from '../resolver/create-resolver.ts';
import { findTelemetry } from './find-telemetry.ts';
import { runInSpan } from './run-in-span.ts';
import type { Source } from '../resolver/source.ts';

/**
 * The source with a `refresh` span around each load, while an OpenTelemetry SDK is registered.
 *
 * @example
 * ```ts
 * const resolver = traceResolver(createResolver({ source: traceSource(source), stage: 'Production' }));
 * ```
 */
export function traceSource(source: Source): Source {
  return {
    name: source.name,
    load: (request) =>
      runInSpan(
        findTelemetry(),
        'refresh',
        { 'discovery.stage': request.stage, 'discovery.source': source.name },
        async (span) => {
          const answer = await source.load(request);
          span?.setAttribute('discovery.revision', answer.revision);
          span?.setAttribute('discovery.unchanged', answer.unchanged ?? false);
          return answer;
        },
      ),
  };
}

/** The resolver with a `resolve` span around each call by name, while an OpenTelemetry SDK is registered. */
export function traceResolver(resolver: Resolver): Resolver {
  return {
    ...resolver,
    // A span is around `resolve` alone.
    findFresh: (service, criteria) => (findTelemetry()?.trace ? undefined : resolver.findFresh(service, criteria)),
    resolve(service, criteria, options) {
      const telemetry = findTelemetry();
      // Most calls are answered from memory in microseconds: nothing is wrapped around them without need.
      if (!telemetry?.trace) return resolver.resolve(service, criteria, options);
      return runInSpan(telemetry, 'resolve', { 'discovery.service': service }, async (span) => {
        const resolution = await resolver.resolve(service, criteria, options);
        span?.setAttribute('discovery.stage', resolution.endpoint.stage);
        span?.setAttribute('discovery.origin', resolution.origin);
        span?.setAttribute('discovery.stale', resolution.stale);
        span?.setAttribute('discovery.age_seconds', resolution.ageSeconds);
        return resolution;
      });
    },
  };
}
