import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { readBytes } from '@amplify-discovery/core';
import { authorizeRequest } from './authorize-request.ts';
import type { LocalCredentials } from './local-credentials.ts';
import type { OpenRegistry } from './open-registry.ts';

export interface GraphqlHandlerOptions {
  readonly execute: OpenRegistry['execute'];
  readonly credentials: LocalCredentials;
  readonly apiKeyExpiresAt: number;
  readonly now: () => number;
  /** Called with the root fields of each accepted request, and with `denied` for each refused one. */
  readonly onRequest: (fields: readonly string[]) => void;
}

/** AppSync's limit. */
const maximumBytes = 1024 * 1024;
const corsHeaders =
  'content-type, x-api-key, authorization, x-amz-date, x-amz-security-token, x-amz-content-sha256, x-amz-user-agent';

/** Answers GraphQL by POST as AppSync does, and the preflights of this machine's pages. */
export function createGraphqlHandler({
  execute,
  credentials,
  apiKeyExpiresAt,
  now,
  onRequest,
}: GraphqlHandlerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const refuse = (status: number, errorType: string, message: string) => {
      onRequest(['denied']);
      send(response, status, { errors: [{ errorType, message }] });
    };
    if (headers.origin !== undefined) {
      response.setHeader('access-control-allow-origin', headers.origin);
      response.setHeader('access-control-expose-headers', 'retry-after');
      response.setHeader('vary', 'origin');
    }
    if (method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': corsHeaders,
        'access-control-max-age': '600',
      });
      response.end();
      return;
    }
    if (method !== 'POST') return refuse(405, 'MethodNotAllowed', 'Send GraphQL by POST.');

    const bytes = await readBytes(Readable.toWeb(request) as ReadableStream<Uint8Array>, maximumBytes);
    if (!bytes) {
      response.setHeader('connection', 'close');
      return refuse(413, 'RequestTooLarge', `A request may have at most ${maximumBytes} bytes.`);
    }
    const body = Buffer.from(bytes.buffer);
    const authorization = authorizeRequest({ method, url, headers, body }, { ...credentials, apiKeyExpiresAt }, now());
    if (!('mode' in authorization)) return refuse(authorization.status, authorization.errorType, authorization.message);
    const answer = await execute(parseJson(body), authorization);
    onRequest(answer.fields);
    send(response, answer.status, answer.body);
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
