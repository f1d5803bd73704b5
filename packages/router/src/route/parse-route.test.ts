import { expect, test } from '@jest/globals';
import { anyCharacter } from '@amplify-discovery/test-rig/any-character';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { buildServiceUrl } from '@amplify-discovery/core';
import { parseRoute } from './parse-route.ts';

test('the first segment is the service, the rest its path, byte for byte', () => {
  expect(parseRoute('/orders/a%20b/c?x=%2F')).toEqual({
    service: 'orders',
    path: '/a%20b/c?x=%2F',
    prefix: '/orders',
    stage: undefined,
  });
  expect(parseRoute('/orders')).toMatchObject({ path: '' });
  expect(parseRoute('/orders/')).toMatchObject({ path: '/' });
  expect(parseRoute('/orders?x=/y')).toMatchObject({ service: 'orders', path: '?x=/y' });
});

test('with a mount and a stage in the path', () => {
  expect(parseRoute('/r/dev/orders/x', { mount: '/r', hasStage: true })).toEqual({
    stage: 'dev',
    service: 'orders',
    path: '/x',
    prefix: '/r/dev/orders',
  });
  expect(parseRoute('/other/dev/orders/x', { mount: '/r', hasStage: true })).toMatchObject({ code: 'InvalidPath' });
  expect(parseRoute('/rest/dev/orders', { mount: '/r', hasStage: true })).toMatchObject({ code: 'InvalidPath' });
  expect(parseRoute('/r/dev', { mount: '/r', hasStage: true })).toMatchObject({ code: 'InvalidPath' });
});

test.each([
  '/orders/...',
  '/orders/..a',
  '/orders/a..',
  '/orders/.well-known/x',
  '/orders/a.b',
  '/orders/x;y=..z',
  '/orders/100%25',
  '/orders/?a=../..',
])('%s is a path like any other', (target) => {
  expect(parseRoute(target)).toMatchObject({ service: 'orders' });
});

/** How servers of all sorts may read a path: decoded any number of times, with backslashes and path parameters. */
function readLoosely(path: string): string[] {
  const readings: string[] = [];
  let text = path;
  for (let layer = 0; layer < 6; layer++) {
    const loose = text.replaceAll('\\', '/').replace(/;[^/]*/g, '');
    const depth = loose
      .split('/')
      .slice(1)
      .reduce<number[]>(
        (depths, part) => [
          ...depths,
          (depths.at(-1) ?? 0) + (part === '..' ? -1 : part === '.' || part === '' ? 0 : 1),
        ],
        [],
      );
    if (depth.some((value) => value < 0)) readings.push(loose);
    text = text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
  return readings;
}

test('no path that is let through climbs above its service, however a server reads it', () => {
  const part = fc.constantFrom(
    '.',
    '..',
    '/',
    '\\',
    '%2e',
    '%2E',
    '%2f',
    '%5C',
    '%25',
    '2e',
    '%32',
    '%65',
    '5c',
    ';',
    '%3B',
    'a',
    '%00',
    '%20',
    '%c0%ae',
    '?',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
      const route = parseRoute(`/orders/${parts.join('')}`);
      if ('code' in route) return;
      expect(readLoosely(route.path.split('?', 1)[0] ?? '')).toEqual([]);
      const url = buildServiceUrl('https://api.example.com/base', route.path, 'orders');
      expect(url.href.startsWith('https://api.example.com/base/')).toBe(true);
    }),
    { numRuns: scaleRuns(600) },
  );
});

const path = fc.array(fc.string({ unit: anyCharacter }).map(encodeURIComponent)).map((parts) => `/${parts.join('/')}`);

test('whatever the target, the answer is a route or a fault', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        path,
        fc.domain().map((host) => `https://${host}/orders`),
        fc.string().map((text) => `/${text}`),
      ),
      (target) => {
        const route = parseRoute(target);
        if ('code' in route) expect(route.message).not.toBe('');
        else expect(target.startsWith(`/${route.service}`)).toBe(true);
      },
    ),
  );
});

test('a path with four thousand layers of encoding is refused', () => {
  expect(parseRoute(`/orders/%${'25'.repeat(4000)}2e`)).toMatchObject({ code: 'InvalidPath' });
});
