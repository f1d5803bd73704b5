import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createTrust, findPathFault, parseSnapshot } from '@amplify-discovery/core';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { nginxPath, startNginx } from '@amplify-discovery/test-rig/nginx';
import { exportNginx } from '../src/hosts/nginx/export-nginx.ts';
import { askRaw } from './ask-raw.ts';

jest.setTimeout(600_000);

const runs = scaleRuns(900);

const part = fc.constantFrom(
  ...String.raw`. .. / // \ %2e %2E %2f %2F %5c %5C %25 % 2e 2f 5c 25 %32 %65 %75 u002e %u002e ; %3b %3B ? %3f # %23`.split(
    ' ',
  ),
  ...String.raw`%00 %0a %0d%0a %1f %7f %09 %c0%ae %C0%AF %e0%80%ae %f0%80%80%ae %c3%a9 %20 %20%20 " ' { } $ @`.split(
    ' ',
  ),
  ...String.raw`a b a/../../b ..%2f..%2fb ..;/ .well-known ... | ^ < > ~ + = & :`.split(' '),
  '\xc3\xa9',
);
const path = fc.array(part, { maxLength: 9 }).map((parts) => `/${parts.join('')}`);

/** What nginx refuses though it could not lead out: what doesn't encode anything, and what is encoded twice. */
function isStricter(target: string): boolean {
  const [before = ''] = target.split('?', 1);
  return (
    /[^\x21-\x7e]|[\\#]/.test(target) || /%(?![\da-f]{2})/i.test(before) || /%25([\da-f]{2}|[\da-f]?%|u)/i.test(before)
  );
}

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

async function keep<T extends { stop(): Promise<void> }>(started: Promise<T>): Promise<T> {
  const server = await started;
  running.push(server);
  return server;
}

/** A service that says what was asked of it. */
async function serve(name: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const text = `${name} ${request.url}`;
    response.writeHead(200, { 'content-length': Buffer.byteLength(text, 'latin1') });
    response.end(text, 'latin1');
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const isRequired = nginxPath !== undefined || process.env.CI !== undefined;
const withNginx = isRequired ? describe : describe.skip;

withNginx(isRequired ? 'the real nginx' : 'the real nginx (not installed: apt-get install nginx-light)', () => {
  test.each(['', '/base', '/ba.se/$x'])(
    `keeps ${runs} paths below the service and its base path "%s" as core's rule does, byte for byte`,
    async (basePath) => {
      const [one, other] = [await keep(serve('a')), await keep(serve('b'))];
      const findTrust = createTrust({ trustedHosts: ['127.0.0.1:*'] });
      const endpoints = [
        { service: 'a', target: `${one.url}${basePath}` },
        { service: 'b', target: other.url },
      ];
      const snapshot = parseSnapshot({ revision: '1', endpoints }, 'Production', findTrust);
      const nginx = await keep(startNginx(exportNginx(snapshot, { findTrust }), nginxPath ?? 'nginx'));
      const paths = fc.sample(path, Math.ceil(runs / 3));
      const answers = await askRaw(
        nginx.port,
        paths.map((below) => `/a${below}`),
      );
      let served = 0;
      for (const [index, below] of paths.entries()) {
        const { status, body } = answers[index] as { status: number; body: string };
        const isAllowed = findPathFault(below) === undefined;
        if (status === 200) {
          served++;
          expect({ below, isAllowed, body }).toEqual({ below, isAllowed: true, body: `a ${basePath}${below}` });
        } else {
          expect({ below, status, isRefused: !isAllowed || isStricter(below) }).toEqual({
            below,
            status: 400,
            isRefused: true,
          });
        }
      }
      expect(served).toBeGreaterThan(paths.length / 20);
    },
  );
});
