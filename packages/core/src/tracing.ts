export { traceResolver, traceSource } from './tracing/trace-discovery.ts';
