import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

/** A server on this machine at a port of 127.0.0.1. */
export interface CallerSubject {
  readonly port: number;
  stop(): Promise<unknown>;
}

/** How it is called: by GET. */
export interface CallerRequest {
  /** @default '/' */
  readonly path?: string;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of an answer to this machine. @default 200 */
  readonly answered?: number;
}

const own = ['127.0.0.1', 'localhost'];
const foreignHosts = [
  'evil.example.com',
  '127.0.0.1.evil.example.com',
  'localhost.evil.example.com',
  'evil-localhost',
  'evil.example.com@127.0.0.1',
  '127.0.0.1@evil.example.com',
  '127.0.0.1:x',
  '127.0.0.1:80:80',
  'localhost/evil.example.com',
  '0.0.0.0',
  '127.0.0.2',
  '[127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '',
];
const foreignOrigins = [
  'https://evil.example.com',
  'http://127.0.0.1.evil.example.com',
  'http://localhost@evil.example.com',
  'http://evil.example.com#localhost',
  'http://evil.example.com/localhost',
  'file://',
  'null',
  '',
];

/**
 * What every server on this machine refuses before anything else: what calls it by another host, as after DNS rebinding, and
 * the pages of other sites.
 */
export function callerContract(
  name: string,
  start: () => Promise<CallerSubject>,
  { path = '/', headers: more = {}, answered = 200 }: CallerRequest = {},
): void {
  describe(`who may call ${name}`, () => {
    let subject: CallerSubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.stop());

    /** The status of the answer. Sends what fetch wouldn't. */
    function ask(headers: Readonly<Record<string, string>>): Promise<number> {
      const lines = Object.entries({ Host: `127.0.0.1:${subject.port}`, ...more, ...headers });
      const text = `GET ${path} HTTP/1.1\r\n${lines.map((line) => `${line.join(': ')}\r\n`).join('')}\r\n`;
      return new Promise((resolve, reject) => {
        const socket = connect(subject.port, '127.0.0.1', () => socket.write(text));
        socket.once('data', (chunk) => {
          socket.destroy();
          resolve(Number(String(chunk).split(' ')[1]));
        });
        socket.on('error', reject);
      });
    }
    const isRefused = (status: number) => status === 400 || status === 403;

    test('this machine, by its names, and the page that it serves', async () => {
      for (const host of own) expect([host, await ask({ Host: `${host}:${subject.port}` })]).toEqual([host, answered]);
      const pages = [
        { Origin: `http://127.0.0.1:${subject.port}` },
        { Origin: `http://127.0.0.1:${subject.port}`, 'Sec-Fetch-Site': 'same-origin' },
        { 'Sec-Fetch-Site': 'none' },
      ];
      for (const page of pages) expect([page, await ask(page as never)]).toEqual([page, answered]);
    });

    test.each(foreignHosts)('not by the host "%s"', async (host) => {
      expect(isRefused(await ask({ Host: host }))).toBe(true);
    });

    test.each(foreignOrigins)('no page of the origin "%s"', async (origin) => {
      expect(await ask({ Origin: origin })).toBe(403);
    });

    test('no page that the browser marks as another site’s', async () => {
      expect(await ask({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    });

    test('by no host and no page whose name only begins or ends like one of this machine', async () => {
      const part = fc.stringMatching(/^[\w.@:/#?-]{1,12}$/);
      const host = fc.oneof(
        fc.domain(),
        fc.tuple(fc.constantFrom(...own), part).map(([name, rest]) => name + rest),
        fc.tuple(part, fc.constantFrom(...own)).map(([rest, name]) => rest + name),
      );
      // Other ways to write the address of this machine, `127.1`, lead nowhere else: servers may take them.
      const isOwn = (text: string) =>
        URL.canParse(`http://${text}`) && own.includes(new URL(`http://${text}`).hostname);
      await fc.assert(
        fc.asyncProperty(
          host.filter((text) => !isOwn(text)),
          async (foreign) => {
            expect(isRefused(await ask({ Host: foreign }))).toBe(true);
            expect(await ask({ Origin: `http://${foreign}` })).toBe(403);
          },
        ),
      );
    });
  });
}
