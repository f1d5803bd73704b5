import { isHttpEvent, readHttpEvent, type HttpEvent } from '@amplify-discovery/aws/http-event';
import { DiscoveryError } from '@amplify-discovery/core';
import { findHeaders, type HeaderList } from '../../route/header-list.ts';
import type { RouterRequest, Upload } from '../../route/router-request.ts';

/**
 * A load balancer's event, with single or with multi-value headers.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export interface LoadBalancerEvent {
  readonly requestContext: { readonly elb: object };
  readonly httpMethod: string;
  readonly path: string;
  readonly queryStringParameters?: Readonly<Record<string, string>> | undefined;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

export type RouterEvent = HttpEvent | LoadBalancerEvent;

/** Which form an event's answer takes. */
export type EventKind = 'http' | 'load-balancer' | 'load-balancer-multi';

export interface ReadEvent {
  readonly kind: EventKind;
  readonly request: RouterRequest;
}

/** The request in an event. @throws DiscoveryError `InvalidOptions` for events of other sources. */
export function readEvent(event: RouterEvent): ReadEvent {
  if (isHttpEvent(event)) return { kind: 'http', request: prepareRequest(event) };
  const context = (event as Partial<RouterEvent> | null | undefined)?.requestContext;
  if (context && 'elb' in context) return readLoadBalancerEvent(event);
  throw new DiscoveryError(
    'InvalidOptions',
    'The event is not one of an HTTP API (payload format 2.0), a function URL or a load balancer',
  );
}

function prepareRequest(event: HttpEvent): RouterRequest {
  const { method, target, headers, body, host } = readHttpEvent(event);
  const { sourceIp: clientAddress } = event.requestContext.http;
  return {
    method,
    target,
    headers: headers.flat(),
    body: body && holdUpload(body),
    clientAddress,
    scheme: 'https',
    host,
  };
}

function readLoadBalancerEvent(event: LoadBalancerEvent): ReadEvent {
  const { path, httpMethod, multiValueHeaders } = event;
  const lines = listValues(event.headers, multiValueHeaders);
  // Keys and values are still encoded, as they were sent.
  const query = pairUp(listValues(event.queryStringParameters, event.multiValueQueryStringParameters))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const valueOf = (wanted: string) => findHeaders(lines, wanted).join(', ') || undefined;
  // The balancer appends the address it saw to what the caller may have sent.
  const addresses = (valueOf('x-forwarded-for') ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  const others = addresses.slice(0, -1).join(', ');
  const kept = pairUp(lines).filter(([name]) => name.toLowerCase() !== 'x-forwarded-for');
  return {
    kind: multiValueHeaders ? 'load-balancer-multi' : 'load-balancer',
    request: {
      method: httpMethod,
      target: query ? `${path}?${query}` : path,
      headers: [...kept.flat(), ...(others ? ['x-forwarded-for', others] : [])],
      body: readBody(event),
      clientAddress: addresses.at(-1),
      scheme: valueOf('x-forwarded-proto') === 'http' ? 'http' : 'https',
      host: valueOf('host'),
    },
  };
}

/** Names and values in turn, from either form of a load balancer's event. */
function listValues(
  single: Readonly<Record<string, string>> = {},
  multiple: Readonly<Record<string, readonly string[]>> | undefined,
): HeaderList {
  return multiple
    ? Object.entries(multiple).flatMap(([name, values]) => values.flatMap((value) => [name, value]))
    : Object.entries(single).flat();
}

function pairUp(list: HeaderList): readonly (readonly [name: string, value: string])[] {
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] as string] as const] : []));
}

function readBody({ body, isBase64Encoded }: LoadBalancerEvent): Upload | undefined {
  return body ? holdUpload(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')) : undefined;
}

/** A body that has arrived as a whole. */
function holdUpload(bytes: Uint8Array): Upload {
  return {
    length: bytes.length,
    buffer: () => Promise.resolve(bytes),
    flow(sink) {
      sink.write(bytes);
      sink.end();
    },
    resume() {},
    isUntouched: () => true,
    findFault: () => undefined,
    isAwaited: () => false,
    onEnd: (act) => act(),
    close() {},
  };
}
