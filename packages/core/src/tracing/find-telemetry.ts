/** What is used of `@opentelemetry/api`, written down here so that nothing of it has to be installed. */
export interface Telemetry {
  readonly trace?: {
    getTracer(name: string): { startActiveSpan<T>(name: string, options: object, run: (span: Span) => T): T };
  };
  readonly propagation?: {
    inject(
      context: unknown,
      carrier: Record<string, string>,
      setter: { set(carrier: Record<string, string>, key: string, value: string): void },
    ): void;
  };
  readonly context?: { active(): unknown };
}

export interface Span {
  setAttribute(name: string, value: string | number | boolean): unknown;
  recordException(error: Error): void;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
}

const registered = Symbol.for('opentelemetry.js.api.1');

/**
 * The OpenTelemetry SDK that the app has registered, or undefined. Version 1 of the API keeps it under this global symbol,
 * so that all its copies in a process share it; looking there loads nothing.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 */
export function findTelemetry(): Telemetry | undefined {
  return (globalThis as Record<symbol, Telemetry | undefined>)[registered];
}
