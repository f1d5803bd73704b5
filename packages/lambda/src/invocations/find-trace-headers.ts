import type { Telemetry } from '@amplify-discovery/core';

/** https://www.w3.org/TR/trace-context/#traceparent-header; ff is not a version. */
const traceparentForm = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The W3C trace headers of what an invocation was called with, by HTTP API, REST API, function URL or ALB. */
export function readTraceHeaders(event: unknown): Readonly<Record<string, string>> {
  const headers = (event as { headers?: unknown } | null | undefined)?.headers;
  if (typeof headers !== 'object' || headers === null) return {};
  const find = (wanted: string) =>
    Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1] as unknown;
  const traceparent = find('traceparent');
  const tracestate = find('tracestate');
  if (typeof traceparent !== 'string' || !traceparentForm.test(traceparent)) return {};
  const isStateUsable = typeof tracestate === 'string' && /^[\x20-\x7e]{1,512}$/.test(tracestate);
  return { traceparent, ...(isStateUsable && { tracestate }) };
}

/** The headers that carry the trace on: those of the active span where an OpenTelemetry SDK is registered, else the caller's. */
export function findTraceHeaders(
  telemetry: Telemetry | undefined,
  received: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const carrier: Record<string, string> = {};
  const set = (headers: Record<string, string>, key: string, value: string) => void (headers[key] = value);
  telemetry?.propagation?.inject(telemetry.context?.active(), carrier, { set });
  return carrier.traceparent === undefined ? received : carrier;
}
