// Loaded only while an OpenTelemetry SDK is registered.
export { traceResolver, traceSource } from '@amplify-discovery/core/tracing';
