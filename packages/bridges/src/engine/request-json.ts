import { DiscoveryError } from '@amplify-discovery/core';
import { requestText, type TextRequest } from './request-text.ts';

export interface JsonRequest extends Omit<TextRequest, 'body'> {
  /** Sent as JSON. @default none */
  readonly body?: unknown;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined for an empty body. */
  readonly body: unknown;
}

/**
 * As `requestText`, with JSON both ways.
 *
 * @throws DiscoveryError as `requestText`, and `RegistryUnavailable` for an answer that is not JSON
 */
export async function requestJson({ body, ...request }: JsonRequest): Promise<JsonAnswer> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = { ...(sent !== undefined && { 'content-type': 'application/json' }), ...request.headers };
  const { text, ...answer } = await requestText({ ...request, headers, body: sent });
  if (text === '') return { ...answer, body: undefined };
  try {
    return { ...answer, body: JSON.parse(text) as unknown };
  } catch (cause) {
    // Proxies and Go's own servers say in plain text what went wrong.
    if (answer.status >= 400) return { ...answer, body: { message: text.slice(0, 200) } };
    const { name, stage } = request;
    const found = `${stage === undefined ? '' : `"${stage}" in `}${name}: the answer is not JSON: ${text.slice(0, 80)}`;
    throw new DiscoveryError('RegistryUnavailable', found, { stage, cause });
  }
}
