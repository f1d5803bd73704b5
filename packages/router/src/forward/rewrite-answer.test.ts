import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rewriteCookie, rewriteLocation, rewriteRefresh, type PathMapping } from './rewrite-answer.ts';

const mapping: PathMapping = { origin: 'https://api.example.com', basePath: '/prod', prefix: '/orders' };
const bare: PathMapping = { ...mapping, basePath: '' };

test.each([
  ['https://api.example.com/prod/x?y#z', '/orders/x?y#z'],
  ['https://api.example.com/prod', '/orders'],
  ['https://api.example.com/prod/', '/orders/'],
  ['https://api.example.com/prod?y', '/orders?y'],
  ['HTTPS://API.Example.com:443/prod/x', '/orders/x'],
  ['//api.example.com/prod/x', '/orders/x'],
  ['/prod/x', '/orders/x'],
  ['/prod', '/orders'],
])('%s becomes %s', (location, expected) => {
  expect(rewriteLocation(location, mapping)).toBe(expected);
});

test.each([
  ['another base', 'https://api.example.com/product/x'],
  ['above the base', 'https://api.example.com/'],
  ['another path', '/x'],
  ['another host', 'https://www.example.com/prod/x'],
  ['a host that begins alike', 'https://api.example.com.evil.example/prod/x'],
  ['another port', 'https://api.example.com:8443/prod/x'],
  ['another scheme', 'http://api.example.com/prod/x'],
  ['user information', 'https://user@api.example.com/prod/x'],
  ['no path', 'x'],
  ['a way up', '../x'],
  ['a query', '?x=1'],
  ['another kind of URL', 'mailto:a@api.example.com'],
  ['nothing', ''],
])('%s stays as it is', (_name, location) => {
  expect(rewriteLocation(location, mapping)).toBe(location);
});

test('without a base path everything at the origin is below it, relative references stay', () => {
  expect(rewriteLocation('/x', bare)).toBe('/orders/x');
  expect(rewriteLocation('https://api.example.com', bare)).toBe('/orders');
  for (const location of ['x', '?x', '#x', '', '//www.example.com/x'])
    expect(rewriteLocation(location, bare)).toBe(location);
});

test('the URL of a Refresh header is rewritten too', () => {
  expect(rewriteRefresh('5; URL=/prod/x', mapping)).toBe('5; URL=/orders/x');
  expect(rewriteRefresh('5', mapping)).toBe('5');
});

test.each([
  ['a=1; Path=/prod/x; HttpOnly', 'a=1; Path=/orders/x; HttpOnly'],
  ['a=1; Path=/prod', 'a=1; Path=/orders'],
  ['a=1; Path=/prod/', 'a=1; Path=/orders'],
  ['a=1; path = /prod/x ', 'a=1; Path=/orders/x'],
  ['a=1; Path=/', 'a=1; Path=/orders'],
  ['a=1; Path=/users', 'a=1; Path=/orders/users'],
  ['a=1; Path=/product', 'a=1; Path=/orders/product'],
  ['a=1; Domain=example.com; Secure', 'a=1; Secure'],
  ['a=1; domain=.api.example.com', 'a=1'],
  ['a="x=Path=/"; Path=/', 'a="x=Path=/"; Path=/orders'],
  ['a=1', 'a=1'],
  ['a=1; Path=', 'a=1; Path='],
  ['a=1; Path=x', 'a=1; Path=x'],
  ['__Secure-a=1; Secure; Path=/', '__Secure-a=1; Secure; Path=/orders'],
])('the cookie %s becomes %s', (cookie, expected) => {
  expect(rewriteCookie(cookie, mapping, false)).toBe(expected);
});

test('a cookie without a path stays at the service, also where a browser would take the root', () => {
  expect(rewriteCookie('a=1', mapping, true)).toBe('a=1; Path=/orders');
  expect(rewriteCookie('a=1; Path=x; Secure', mapping, true)).toBe('a=1; Path=x; Secure; Path=/orders');
  expect(rewriteCookie('a=1; Path=/x', mapping, true)).toBe('a=1; Path=/orders/x');
});

test.each(['__Host-a=1; Path=/; Secure', '__host-a=1; Path=/', ' __Host-a=1'])('%s is dropped', (cookie) => {
  expect(rewriteCookie(cookie, mapping, false)).toBeUndefined();
});

test('no cookie reaches another service, whatever its attributes', () => {
  const path = fc.oneof(
    fc.constantFrom('/', '/prod', '/prod/', '/prod/x', '/x', '//x', '/../x', '', 'x', '"/"'),
    fc.string(),
  );
  const attribute = fc.oneof(
    fc
      .tuple(fc.constantFrom('Path', 'path', ' PATH ', 'Domain', 'domain'), path)
      .map(([name, value]) => `${name}=${value}`),
    fc.constantFrom('Secure', 'HttpOnly', 'Path', 'Domain', '=x', '', 'SameSite=None'),
  );
  fc.assert(
    fc.property(
      fc.array(attribute, { maxLength: 5 }),
      fc.boolean(),
      fc.constantFrom(mapping, bare),
      (attributes, isBare, own) => {
        const given = ['a=1', ...attributes].join(';');
        const parsed = readCookie(rewriteCookie(given, own, isBare) as string);
        expect(parsed.domain).toBeUndefined();
        // RFC 6265 §5.2.4: any other value means the default, which is the directory of what was asked for.
        if (parsed.path?.startsWith('/')) expect(parsed.path).toMatch(/^\/orders(\/|[?#]|$)/);
        else expect(isBare).toBe(false);
      },
    ),
  );
});

/** As a browser does, RFC 6265 §5.2: of several attributes of a name the last counts. */
function readCookie(cookie: string): { readonly path?: string | undefined; readonly domain?: string | undefined } {
  const attributes = new Map(
    cookie
      .split(';')
      .slice(1)
      .map((attribute) => {
        const at = attribute.includes('=') ? attribute.indexOf('=') : attribute.length;
        return [attribute.slice(0, at).trim().toLowerCase(), attribute.slice(at + 1).trim()];
      }),
  );
  return { path: attributes.get('path'), domain: attributes.get('domain') };
}
