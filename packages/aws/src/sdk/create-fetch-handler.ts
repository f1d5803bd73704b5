import { Readable } from 'node:stream';

/** What the AWS SDK hands to whoever sends its requests. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  /** Encoded already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Record<string, string>;
  readonly body: Readable;
}

/** An AWS SDK client's `requestHandler`. */
export interface SdkRequestHandler {
  handle(
    request: SdkRequest,
    options?: { readonly requestTimeout?: number | undefined },
  ): Promise<{ readonly response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** Lets an AWS SDK client send its requests by the caller's fetch: that is how they go through a proxy. */
export function createFetchHandler(fetch: typeof globalThis.fetch): SdkRequestHandler {
  return {
    async handle(request, { requestTimeout = 10_000 } = {}) {
      const { method, headers, body } = request;
      const response = await fetch(describeUrl(request), {
        method,
        headers,
        ...(method !== 'GET' && method !== 'HEAD' && { body: body as string | Uint8Array<ArrayBuffer> }),
        redirect: 'manual',
        signal: AbortSignal.timeout(requestTimeout),
      }).catch((error: Error) => {
        // By its code the SDK decides whether to send again: ECONNRESET, ETIMEDOUT …
        throw error.cause ?? error;
      });
      // fetch has decoded the body.
      const { 'content-encoding': _, ...received } = Object.fromEntries(response.headers);
      const bytes = Buffer.from(await response.arrayBuffer());
      return {
        response: {
          statusCode: response.status,
          reason: response.statusText,
          headers: received,
          body: Readable.from([bytes]),
        },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function describeUrl({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encode(name)}=${encode(one ?? '')}`),
  );
  const search = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search}`;
}

/** As SigV4 encodes what it signs, which is more than `encodeURIComponent` does. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
