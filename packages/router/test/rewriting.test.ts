import { Agent, createServer, request as requestHttp, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createTrust, parseSnapshot } from '@amplify-discovery/core';
import fc from 'fast-check';
import { nginxPath, startNginx } from '@amplify-discovery/test-rig/nginx';
import { exportNginx } from '../src/hosts/nginx/export-nginx.ts';
import { startRouter } from './start-router.ts';

jest.setTimeout(120_000);

const running: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

interface Answer {
  readonly location?: string | undefined;
  readonly refresh?: string | undefined;
  readonly cookies?: readonly string[] | undefined;
}

/** A service that answers as its caller says, in a header of the request. */
async function startEcho(): Promise<number> {
  const server = createServer((request, response) => {
    const { location, refresh, cookies } = JSON.parse(String(request.headers['x-answer'])) as Answer;
    response.writeHead(302, {
      ...(location !== undefined && { location }),
      ...(refresh !== undefined && { refresh }),
      ...(cookies && { 'set-cookie': [...cookies] }),
    });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(() => new Promise((resolve) => server.close(resolve) && server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

function ask(port: number, path: string, answer: Answer): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-answer': JSON.stringify(answer) };
    const sent = requestHttp({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      response.resume().on('end', () => resolve(response.headers));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('redirects and cookies of a service stay below its path, and a cookie that cannot is dropped and logged', async () => {
  const backend = await startEcho();
  const router = await startRouter();
  running.push(() => router.stop());
  router.source.register({ stage: 'test', service: 'orders', target: `http://127.0.0.1:${backend}/base` });
  const given = { location: '/base/login?to=/x', cookies: ['a=1; Path=/', '__Host-b=2; Path=/; Secure', 'c=3'] };
  const answer = await ask(router.port, '/orders/x', given);
  expect(answer).toMatchObject({ location: '/orders/login?to=/x', 'set-cookie': ['a=1; Path=/orders', 'c=3'] });
  expect(router.log[0]).toMatchObject({ status: 302, droppedCookies: ['__Host-b'] });
});

test('with rewriteAnswers off, answers stay as they are', async () => {
  const backend = await startEcho();
  const router = await startRouter({ rewriteAnswers: false });
  running.push(() => router.stop());
  router.source.register({ stage: 'test', service: 'orders', target: `http://127.0.0.1:${backend}/base` });
  const given = { location: '/base/login', cookies: ['a=1; Path=/; Domain=example.com', '__Host-b=2; Path=/; Secure'] };
  expect(await ask(router.port, '/orders/x', given)).toMatchObject({
    location: given.location,
    'set-cookie': given.cookies,
  });
});

/** As a browser keeps it, RFC 6265 §5.2; undefined where it doesn't. */
function readCookie(cookie: string): object | undefined {
  const [pair = '', ...rest] = cookie.split(';');
  const attributes = new Map(
    rest.map((attribute) => {
      const at = attribute.includes('=') ? attribute.indexOf('=') : attribute.length;
      return [attribute.slice(0, at).trim().toLowerCase(), attribute.slice(at + 1).trim()];
    }),
  );
  if (attributes.get('domain') === '') attributes.delete('domain');
  // Such a cookie has the path "/" and no domain, or isn't kept.
  if (/^\s*__host-/i.test(pair) && (attributes.get('path') !== '/' || attributes.has('domain'))) return undefined;
  return { pair: pair.trim(), attributes: [...attributes] };
}

const readCookies = (headers: IncomingHttpHeaders) =>
  (headers['set-cookie'] ?? []).flatMap((cookie) => readCookie(cookie) ?? []);

const isRequired = nginxPath !== undefined || process.env.CI !== undefined;
const withNginx = isRequired ? describe : describe.skip;

withNginx(isRequired ? 'the real nginx' : 'the real nginx (not installed: apt-get install nginx-light)', () => {
  test.each(['', '/base', '/a/b.c'])(
    'the router rewrites as the exported configuration does, and as proxy_redirect and proxy_cookie_path where those do anything, below "%s"',
    async (basePath) => {
      const backend = await startEcho();
      const target = `http://127.0.0.1:${backend}${basePath}`;
      const router = await startRouter();
      running.push(() => router.stop());
      router.source.register({ stage: 'test', service: 'orders', target });
      const findTrust = createTrust({ trustedHosts: ['127.0.0.1:*'] });
      const endpoints = [{ service: 'orders', target }];
      const { http, server } = exportNginx(parseSnapshot({ revision: '1', endpoints }, 'test', findTrust), {
        findTrust,
      });
      const exported = await startNginx({ http, server }, nginxPath ?? 'nginx');
      running.push(() => exported.stop());
      const plain = await startNginx(
        {
          http: '',
          server: `location /orders/ { absolute_redirect off; proxy_pass ${target}/; proxy_cookie_path ${basePath}/ /orders/; }`,
        },
        nginxPath ?? 'nginx',
      );
      running.push(() => plain.stop());

      const origin = fc.constantFrom(
        `http://127.0.0.1:${backend}`,
        `HTTP://127.0.0.1:${backend}`,
        `//127.0.0.1:${backend}`,
        `https://127.0.0.1:${backend}`,
        `http://user@127.0.0.1:${backend}`,
        `http://127.0.0.1:${backend}0`,
        'http://127.0.0.1',
        'http://example.com',
        '',
        '',
        '',
      );
      const path = fc.tuple(
        fc.constantFrom(basePath, `${basePath}/`, `${basePath}x`, '/', '', '/other', '//', 'x', '..'),
        fc.constantFrom('', '/', 'x', '/x', '/x/../y', '//', '?a=/b', '#c', '/%2e', ';p', '|', '$host', '"'),
      );
      const location = fc.tuple(origin, path).map((parts) => parts.flat().join(''));
      const cookiePath = path.map((parts) => parts.join(''));
      const attribute = fc.oneof(
        fc.tuple(fc.constantFrom('Path', 'path'), cookiePath).map(([name, value]) => `; ${name}=${value}`),
        fc.constantFrom(
          '; Secure',
          '; HttpOnly',
          '; Domain=example.com',
          ';domain=.example.com',
          '; Max-Age=1',
          '; Path',
        ),
      );
      const cookie = fc
        .tuple(
          fc.constantFrom('a=1', '__Host-a=1', '__Secure-a=1', 'a="b c"', 'a='),
          fc.array(attribute, { maxLength: 3 }),
        )
        .map(([pair, attributes]) => `${pair}${attributes.join('')}`);
      const answer = fc.record(
        { location, refresh: location.map((url) => `5; url=${url}`), cookies: fc.array(cookie, { maxLength: 3 }) },
        { requiredKeys: [] },
      );
      const answers = fc.sample(answer, 400);
      await Promise.all(
        answers.map(async (given) => {
          const [ours, same, native] = await Promise.all(
            [router.port, exported.port, plain.port].map((port) => ask(port, '/orders/x/y', given)),
          );
          const describeAnswer = (headers: IncomingHttpHeaders = {}) => ({
            location: headers.location,
            refresh: headers.refresh,
            cookies: readCookies(headers),
          });
          expect({ given, ...describeAnswer(ours) }).toEqual({ given, ...describeAnswer(same) });
          for (const name of ['location', 'refresh'] as const)
            if (native?.[name] !== given[name])
              expect({ given, [name]: ours?.[name] }).toEqual({ given, [name]: native?.[name] });
        }),
      );
      agent.destroy();
    },
  );
});
