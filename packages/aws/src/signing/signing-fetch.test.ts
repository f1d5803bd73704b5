import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createSigningClock } from '@amplify-discovery/core';
import { signingFetch } from './signing-fetch.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const minute = 60_000;
const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

const timeOf = ({ headers }: IncomingMessage) =>
  Date.parse(`${headers['x-amz-date']}`.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** A server that refuses what is not signed within five minutes of its clock, and says what time it is. */
async function startServer(refuse = (request: IncomingMessage) => Math.abs(timeOf(request) - Date.now()) > 5 * minute) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(refuse(request) ? 403 : 200).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, bodies };
}

const signing = (now?: () => number) => signingFetch({ service: 'execute-api', region: 'eu-west-1', credentials, now });

describe('a machine whose clock is wrong', () => {
  test.each([-365 * 24 * 60, -6, 6, 60])(
    'by %i minutes has its requests accepted after one refusal',
    async (minutes) => {
      const { url, bodies } = await startServer();
      const fetch = signing(() => Date.now() + minutes * minute);
      const answer = await fetch(url, { method: 'POST', body: 'order' });
      expect(answer.status).toBe(200);
      expect(bodies).toEqual(['order', 'order']);
      expect((await fetch(url)).status).toBe(200);
      expect(bodies).toHaveLength(3);
    },
  );

  test('gets the refusal where the right time does not help either', async () => {
    const { url, bodies } = await startServer(() => true);
    const answer = await signing(() => Date.now() - 60 * minute)(url);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toBe('{}');
    expect(bodies).toHaveLength(2);
  });
});

test('a refusal while the clock is right is final', async () => {
  const { url, bodies } = await startServer(() => true);
  expect((await signing()(url)).status).toBe(403);
  expect(bodies).toHaveLength(1);
});

test.each([
  [500, 'Thu, 26 Nov 2026 08:00:00 GMT'],
  [200, 'Thu, 26 Nov 2026 08:00:00 GMT'],
  [403, ''],
  [403, 'soon'],
])('%i with the date %j corrects no clock', (status, date) => {
  const clock = createSigningClock(() => 0);
  expect(clock.correct({ status, headers: new Headers({ date }) })).toBe(false);
  expect(clock.now()).toBe(0);
});

test('a Request is refused, because its body could not be signed', async () => {
  await expect(signing()(new Request('http://127.0.0.1'))).rejects.toMatchObject({ code: 'InvalidOptions' });
});
