import type { Span, Telemetry } from './find-telemetry.ts';

/** OpenTelemetry's SpanStatusCode.ERROR. */
const failed = 2;

/** What the task gives, with a span of this name around it when a tracer is registered. */
export async function runInSpan<T>(
  telemetry: Telemetry | undefined,
  name: string,
  attributes: Readonly<Record<string, string>>,
  task: (span?: Span) => Promise<T>,
): Promise<T> {
  if (!telemetry?.trace) return task();
  return telemetry.trace.getTracer('amplify-discovery').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await task(span);
    } catch (error) {
      if (error instanceof Error) span.recordException(error);
      span.setStatus({ code: failed, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
