import { validateHeaderName, validateHeaderValue } from 'node:http';
import { dropHopHeaders } from './drop-hop-headers.ts';
import type { RouterRequest } from './router-request.ts';

/** Headers as they are sent: lower-case names, one line each. */
export type ForwardHeaders = Readonly<Record<string, string>>;

export interface ForwardOptions {
  /** This router's name in Via. */
  readonly name: string;
  /** The part of the path that was taken off. */
  readonly prefix: string;
  /** What the caller says about those before it is passed on too. @default false */
  readonly trustForwarded?: boolean | undefined;
}

/** Written by the router, so never passed on as the caller sent them. */
const forwarding = /^(forwarded|x-forwarded(-.*)?|via)$/;

/**
 * What only a proxy may say (who the caller is, which URL it asked for), what is about the hop to the router (its
 * length, host and expectations, credentials signed for the router), and headers that make servers take another path.
 */
const callersMayNot =
  /^(host|content-length|expect|x-real-ip|true-client-ip|x-client-ip|x-cluster-client-ip|x-original-(url|host|uri)|x-rewrite-url|x-host|x-http-host-override|x-amz-(date|security-token|content-sha256|cf-id))$/;

/**
 * The headers for the endpoint; undefined when one of the caller's can't be sent. Host and length are the sender's.
 * Names are judged with `_` read as `-`, because servers behind CGI don't tell them apart.
 */
export function buildForwardHeaders(request: RouterRequest, options: ForwardOptions): ForwardHeaders | undefined {
  const { name: routerName, prefix, trustForwarded = false } = options;
  const received: Record<string, string> = Object.create(null) as Record<string, string>;
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  try {
    for (const [name, value] of dropHopHeaders(request.headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      const lower = name.toLowerCase();
      const canonical = lower.replaceAll('_', '-');
      if (forwarding.test(canonical)) add(received, canonical, value);
      else if (!callersMayNot.test(canonical) && !isForRouter(canonical, value)) add(headers, lower, value);
    }
    const before = (name: string) => (trustForwarded ? received[name] : undefined);
    const chain = (name: string, own: string) => (headers[name] = before(name) ? `${before(name)}, ${own}` : own);
    const { scheme } = request;
    const clientAddress = /^[\da-f.:]{2,45}$/i.test(request.clientAddress ?? '') ? request.clientAddress : undefined;
    const host = request.host !== undefined && /^[\w.:[\]-]{1,255}$/.test(request.host) ? request.host : undefined;
    const elements = [
      clientAddress && `for="${quoteAddress(clientAddress)}"`,
      host && `host="${host}"`,
      `proto=${scheme}`,
    ];
    chain('forwarded', elements.filter(Boolean).join(';'));
    if (clientAddress) chain('x-forwarded-for', clientAddress);
    headers['x-forwarded-proto'] = before('x-forwarded-proto') ?? scheme;
    const forwardedHost = before('x-forwarded-host') ?? host;
    if (forwardedHost) headers['x-forwarded-host'] = forwardedHost;
    headers['x-forwarded-prefix'] = `${before('x-forwarded-prefix') ?? ''}${prefix}`;
    headers.via = received.via ? `${received.via}, 1.1 ${routerName}` : `1.1 ${routerName}`;
    return headers;
  } catch {
    // A name or a value that HTTP doesn't allow.
    return undefined;
  }
}

/** Several lines of a name are one list, RFC 9110 §5.3; those of Cookie are one as well, but of another form, RFC 9113 §8.2.3. */
function add(headers: Record<string, string>, name: string, value: string): void {
  const before = headers[name];
  headers[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
}

/** Tells whether a request has been through this router already. */
export function isLoop(request: RouterRequest, routerName: string): boolean {
  return request.headers
    .filter(([name]) => name.toLowerCase() === 'via')
    .flatMap(([, value]) => value.split(','))
    .some((entry) => entry.trim().split(/\s+/)[1] === routerName);
}

/** A signature is made for one host, which here is the router. */
function isForRouter(name: string, value: string): boolean {
  return name === 'authorization' && /^AWS4-/i.test(value);
}

/** https://www.rfc-editor.org/rfc/rfc7239#section-6 */
function quoteAddress(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
