import type { HeaderList } from '../route/header-list.ts';
import type { RouterRequest } from '../route/router-request.ts';
import { findConnectionNames, hopHeaders } from './hop-headers.ts';
import { isProxyCommand } from './proxy-commands.ts';
import { withheldHeaders } from './withheld-headers.ts';

export interface ForwardHeaderOptions {
  /** This router's name in Via. */
  readonly name: string;
  /** The part of the path that was removed. */
  readonly prefix: string;
  /** Whether callers' own forwarding headers are kept. */
  readonly trustForwarded: boolean;
}

/** The headers for the endpoint, in lower case, without host, length and what authentication adds. */
export interface ForwardHeaders {
  /** The caller's, one line for each name. */
  readonly callers: ReadonlyMap<string, string>;
  /** The router's: who called, for which URL. */
  readonly own: HeaderList;
}

/** Names are judged with `_` read as `-`, because servers behind CGI don't tell them apart. */
export function buildForwardHeaders(request: RouterRequest, options: ForwardHeaderOptions): ForwardHeaders {
  const { headers } = request;
  const forConnection = findConnectionNames(headers);
  const callers = new Map<string, string>();
  const received = new Map<string, string>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    const value = headers[index + 1] as string;
    const canonical = name.includes('_') ? name.replaceAll('_', '-') : name;
    if (hopHeaders.has(canonical) || forConnection.includes(name)) {
      // For this connection only.
    } else if (isForwarding(canonical)) {
      if (name === canonical) addLine(received, name, value);
    } else if (!withheldHeaders.has(canonical) && !isProxyCommand(canonical) && !isForRouter(canonical, value)) {
      addLine(callers, name, value);
    }
  }
  return { callers, own: describeForwarding(request, received, options) };
}

/** https://www.rfc-editor.org/rfc/rfc7239, and the customary headers before it. */
function describeForwarding(
  request: RouterRequest,
  received: ReadonlyMap<string, string>,
  { name, prefix, trustForwarded }: ForwardHeaderOptions,
): HeaderList {
  const before = (header: string) => (trustForwarded ? received.get(header) : undefined);
  const append = (header: string, value: string) => {
    const chain = before(header);
    own.push(header, chain ? `${chain}, ${value}` : value);
  };
  const own: string[] = [];
  const { scheme } = request;
  const clientAddress = /^[\da-f.:]{2,45}$/i.test(request.clientAddress ?? '') ? request.clientAddress : undefined;
  const host = request.host !== undefined && /^[\w.:[\]-]{1,255}$/.test(request.host) ? request.host : undefined;
  const from = clientAddress ? `for="${quoteAddress(clientAddress)}";` : '';
  append('forwarded', `${from}${host ? `host="${host}";` : ''}proto=${scheme}`);
  if (clientAddress) append('x-forwarded-for', clientAddress);
  own.push('x-forwarded-proto', before('x-forwarded-proto') ?? scheme);
  const forwardedHost = before('x-forwarded-host') ?? host;
  if (forwardedHost) own.push('x-forwarded-host', forwardedHost);
  own.push('x-forwarded-prefix', `${before('x-forwarded-prefix') ?? ''}${prefix}`);
  const via = received.get('via');
  own.push('via', via ? `${via}, 1.1 ${name}` : `1.1 ${name}`);
  return own;
}

/** Written by the router, so never passed on as the caller sent them. */
function isForwarding(name: string): boolean {
  return name === 'via' || name === 'forwarded' || name === 'x-forwarded' || name.startsWith('x-forwarded-');
}

/** A signature is made for one host, which here is the router. */
function isForRouter(name: string, value: string): boolean {
  return name === 'authorization' && /^AWS4-/i.test(value);
}

/** Several lines of a name are one list, RFC 9110 §5.3; those of Cookie are one as well, but of another form, RFC 9113 §8.2.3. */
function addLine(lines: Map<string, string>, name: string, value: string): void {
  const before = lines.get(name);
  lines.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
}

/** https://www.rfc-editor.org/rfc/rfc7239#section-6 */
function quoteAddress(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
