export { findTelemetry, type Span, type Telemetry } from './find-telemetry.ts';
export { traceResolver, traceSource } from './trace-discovery.ts';
