export { traceResolver, traceSource } from './trace-discovery.ts';
