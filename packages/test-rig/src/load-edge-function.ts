import { createContext, runInContext } from 'node:vm';

/** A viewer request, or the answer in its place. */
export interface EdgeOutcome {
  readonly uri: string;
  readonly headers: Readonly<Record<string, { readonly value: string }>>;
  readonly statusCode?: number;
  readonly body?: { readonly data: string };
}

export interface EdgeOrigin {
  readonly domainName: string;
  readonly hostHeader: string;
  readonly customOriginConfig: object;
}

export interface EdgeFunction {
  run(uri: string, headers?: Record<string, string>, cookies?: Record<string, string>): Promise<EdgeOutcome>;
  /** Those that were chosen so far. */
  readonly origins: EdgeOrigin[];
}

/**
 * A CloudFront Function as CloudFront runs it: no globals but the documented ones, `cf` in place of the import, and a key
 * value store with these entries. `now` replaces the clock, in milliseconds since the epoch.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
export function loadEdgeFunction(
  code: string,
  entries: ReadonlyMap<string, string>,
  now: () => number = Date.now,
): EdgeFunction {
  const origins: EdgeOrigin[] = [];
  const cf = {
    kvs: () => ({
      exists: (key: string) => Promise.resolve(entries.has(key)),
      get: (key: string) =>
        entries.has(key) ? Promise.resolve(entries.get(key)) : Promise.reject(new Error('KeyNotFound')),
    }),
    updateRequestOrigin: (origin: EdgeOrigin) => void origins.push(origin),
  };
  const sandbox = createContext(
    { cf, console: { log() {} }, now },
    { codeGeneration: { strings: false, wasm: false } },
  );
  runInContext('Date.now = now; delete globalThis.now;', sandbox);
  runInContext(`'use strict';${code.replace(/^import cf from 'cloudfront';/, '')}\nglobalThis.run = handler;`, sandbox);
  const wrap = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  return {
    origins,
    run(uri, headers = {}, cookies = {}) {
      const request = {
        method: 'GET',
        uri,
        querystring: {},
        headers: { host: { value: 'd111.cloudfront.net' }, ...wrap(headers) },
        cookies: wrap(cookies),
      };
      return (sandbox as { run(event: object): Promise<EdgeOutcome> }).run({
        version: '1.0',
        context: { eventType: 'viewer-request' },
        viewer: { ip: '198.51.100.11' },
        request,
      });
    },
  };
}
