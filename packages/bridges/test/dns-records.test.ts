import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import fc from 'fast-check';
import { readService } from '../src/dns/read-service.ts';
import { parseSrv, parseTxt, renderSrv, renderTxt } from '../src/dns/record-text.ts';
import { readCopy, renderCopy, renderCopyText } from '../src/dns/service-copy.ts';
import { namePage, nameService, readServiceName } from '../src/dns/service-name.ts';
import { readStrings, renderStrings } from '../src/dns/txt-strings.ts';
import {
  decodeMessage,
  encodeData,
  encodeMessage,
  recordTypes,
  type SentRecord,
} from '../src/dns/update/dns-message.ts';
import { encodeName, readName } from '../src/dns/update/dns-name.ts';
import { parseZoneFile } from '../src/dns/zone-file/parse-zone-file.ts';
import { openSource, openTarget } from '../src/index.ts';

const name = fc.stringMatching(/^[\w-][\w.-]{0,127}$/);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array).toString('latin1'));
const srv = fc.record({
  priority: fc.constantFrom(0, 1, 65_535),
  weight: fc.oneof(fc.constantFrom(0, 1, 1000, 65_535), fc.nat(65_535)),
  port: fc.constantFrom(443, 8443),
  host: fc.constantFrom('a.example.com', 'b.example.com', ''),
});

describe('names in DNS', () => {
  test('every name that fits comes back, and what does not fit is said', () => {
    fc.assert(
      fc.property(name, name, (service, stage) => {
        const place = nameService(service, stage, 'internal.example');
        if ('fault' in place) {
          const fits = [service, stage].every((one) => one.split('.').every((label) => /^[^.]{1,63}$/.test(label)));
          expect(fits && !stage.includes('.') && service.length + stage.length < 200).toBe(false);
          return;
        }
        expect(encodeName(place.name).length).toBeLessThanOrEqual(255);
        expect(readServiceName(place.name, `${stage.toLowerCase()}.internal.example`)).toBe(service.toLowerCase());
        expect(namePage(service, 'x')).toBe(namePage(service.toUpperCase(), 'x'));
      }),
    );
  });

  test.each([
    ['a..b', 'dev', 'is not a DNS name'],
    ['a.', 'dev', 'is not a DNS name'],
    ['a'.repeat(64), 'dev', 'is not a DNS name'],
    ['users', 'pr.1', 'is not a single DNS label'],
    ['users', 's'.repeat(64), 'is not a single DNS label'],
    [`${'a'.repeat(63)}.${'b'.repeat(63)}`, 's'.repeat(63), 'more than 253'],
  ])('%s in %s has none', (service, stage, fault) => {
    expect(nameService(service, stage, `${'z'.repeat(60)}.example`)).toEqual({ fault: expect.stringContaining(fault) });
  });

  test('another service of a stage is not one of a stage with a longer name', () => {
    expect(readServiceName('_https._tcp.users.dev.internal.example', 'v.internal.example')).toBeUndefined();
    expect(readServiceName('_https._tcp.dev.internal.example', 'dev.internal.example')).toBeUndefined();
    expect(readServiceName('_https._tcp.Users.DEV.internal.example', 'dev.internal.example')).toBe('Users');
  });
});

describe('the words of records', () => {
  test('whatever bytes a TXT record has, its text gives them back', () => {
    fc.assert(
      fc.property(fc.array(bytes(255), { minLength: 1 }), (strings) =>
        expect(parseTxt(renderTxt(strings))).toEqual(strings),
      ),
    );
  });

  test('fields of any length come back, in strings of at most 255 characters', () => {
    const key = fc.stringMatching(/^[!-<>-~]{1,20}$/);
    const value = fc.oneof(
      fc.stringMatching(/^[ -~]{0,40}$/),
      fc.nat(1000).map((length) => '=x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value), (fields) => {
        const strings = renderStrings(fields);
        expect(Math.max(0, ...strings.map((one) => one.length))).toBeLessThanOrEqual(255);
        expect(readStrings(parseTxt(renderTxt(strings)))).toEqual({ ...fields });
      }),
    );
  });

  test('of a key that comes twice the first counts, and names of Object.prototype are keys like others', () => {
    const strings = ['a=1', 'a=2', '=more of the second', 'b', '=x', '', '=of nothing', '__proto__=p', 'constructor=c'];
    expect(Object.entries(readStrings(strings))).toEqual([
      ['a', '1'],
      ['b', 'x'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
  });

  test('an endpoint’s TXT record is ASCII, says which SRV record is its own, and has the mark', () => {
    const record = fc.record({
      service: fc.constantFrom('users', 'Users', 'a.b'),
      id: name,
      target: fc.constantFrom('https://x.example.com', 'https://x.example.com:8443/a/b', 'http://localhost:3000/x'),
      weight: fc.nat(1000),
      priority: fc.nat(65_535),
      metadata: fc.dictionary(fc.string(), fc.string({ unit: 'binary' })),
    });
    fc.assert(
      fc.property(record, (one) => {
        const copy = renderCopy(parseEndpoint(one, 'Dev'));
        if ('fault' in copy) throw new Error(copy.fault);
        const text = renderCopyText(copy.fields, 'blue');
        expect(text).toMatch(/^[ -~]+$/);
        const host = new URL(one.target);
        const port = Number(host.port || 443);
        expect(readCopy(text)).toEqual({
          mark: 'blue',
          fields: copy.fields,
          srv: renderSrv({ ...one, port, host: host.hostname }),
        });
        expect(JSON.parse(copy.fields['metadata'] ?? '{}')).toEqual({ ...one.metadata });
      }),
    );
  });

  test.each([
    ['arn:aws:lambda:eu-west-1:123456789012:function:jobs', 'function', 'has no host'],
    ['https://10.0.0.1/x', 'http', 'is an address'],
    ['https://[2001:db8::1]/x', 'http', 'is an address'],
  ])('%s has no SRV record', (target, kind, fault) => {
    const found = renderCopy(parseEndpoint({ service: 'users', kind, target }, 'dev'));
    expect(found).toEqual({ fault: expect.stringContaining(fault) });
  });
});

describe('what a service’s records stand for', () => {
  test('whatever TXT says, a host is one of the SRV records', () => {
    const text = fc.oneof(
      fc.constantFrom(
        'path=.evil.com',
        'path=@evil.com/',
        'path=//evil.com',
        'scheme=javascript',
        'id=x',
        'host=a.example.com',
      ),
      fc.constantFrom(
        'service=other',
        'stage=dev',
        'discovery.bridge=blue',
        'metadata={',
        'weight=x',
        'url=https://evil.com',
      ),
      bytes(40),
    );
    fc.assert(
      fc.property(fc.array(srv), fc.array(fc.array(text)), (records, txt) => {
        const hosts = new Set(records.map(({ host }) => host));
        const found = readService('dev', 'users', { srv: records, txt }) as {
          id: string;
          target: string;
          weight: number;
        }[];
        for (const { target, weight } of found) {
          if (target !== '') expect(hosts).toContain(new URL(target).hostname);
          expect(weight).toBeLessThanOrEqual(1000);
        }
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      }),
    );
  });

  test('the order in which a server answers makes no difference', () => {
    const txt = [['id=a', 'host=a.example.com'], ['id=b'], ['path=/x']];
    fc.assert(
      fc.property(fc.array(srv), fc.nat(), (records, turns) => {
        const turn = <T>(items: readonly T[]) => items.map((_one, at) => items[(at + turns) % items.length] as T);
        expect(readService('dev', 'users', { srv: turn(records), txt: turn(txt) })).toEqual(
          readService('dev', 'users', { srv: records, txt }),
        );
      }),
    );
  });

  test.each([
    [
      [0, 0],
      [100, 100],
    ],
    [
      [0, 5],
      [0, 5],
    ],
    [
      [1000, 1],
      [1000, 1],
    ],
    [
      [65_535, 1, 0],
      [1000, 1, 0],
    ],
    [
      [3000, 1000],
      [1000, 333],
    ],
  ])('weights %j become %j', (given, expected) => {
    const records = given.map((weight, at) => ({ priority: 0, weight, port: 443, host: `h${at}.example.com` }));
    const other = { priority: 1, weight: 65_535, port: 443, host: 'z.example.com' };
    const found = readService('dev', 'users', { srv: [...records, other], txt: [['']] }) as {
      target: string;
      weight: number;
    }[];
    const byHost = new Map(found.map(({ target, weight }) => [target, weight]));
    expect(given.map((_one, at) => byHost.get(`https://h${at}.example.com`))).toEqual(expected);
  });
});

describe('a zone file', () => {
  const origin = 'files.test';
  const parse = (text: string) =>
    parseZoneFile(text, origin).records.map(({ name: one, ttlSeconds, type, value }) => [one, ttlSeconds, type, value]);

  test('has names that are absolute, relative, @ or left out, and times to live in any place', () => {
    const text = `$TTL 1h
@ SOA ns root 1 2 3 4 5
Users 60 IN SRV 0 1 443 a
  IN 1m30s SRV 0 2 443 b.example.
$ORIGIN sub
x TXT "a b" c ; comment
y.example. PTR @
\tCNAME (
  z ) ; another
`;
    expect(parse(text)).toEqual([
      ['files.test', 3600, 'SOA', 'ns root 1 2 3 4 5'],
      ['users.files.test', 60, 'SRV', '0 1 443 a.files.test.'],
      ['users.files.test', 90, 'SRV', '0 2 443 b.example.'],
      ['x.sub.files.test', 3600, 'TXT', '"a b" "c"'],
      ['y.example', 3600, 'PTR', 'sub.files.test.'],
      ['y.example', 3600, 'CNAME', 'z.sub.files.test.'],
    ]);
    expect(parseZoneFile(text, origin).serial).toMatchObject({ text: '1', at: text.indexOf('1 2 3') });
  });

  test('is refused as fast as it is read: a word that is nearly a time to live', () => {
    expect(() => parse(`a ${'1'.repeat(50_000)}x TXT b\n`)).toThrow('line 1: a record without a type');
  });

  test('gives back whatever bytes a TXT record has', () => {
    fc.assert(
      fc.property(fc.array(bytes(255), { minLength: 1, maxLength: 4 }).map(renderTxt), (value) => {
        expect(parse(`a. 60 IN TXT ${value}\n`)).toEqual([['a', 60, 'TXT', value]]);
      }),
    );
  });

  test('is read, or refused with the number of a line, whatever it is', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      '"',
      '(',
      ')',
      ';',
      '\\',
      '$ORIGIN',
      'IN',
      '60',
      'TXT',
      'SRV',
      '0',
      '.',
      '@',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          try {
            parseZoneFile(text, origin);
          } catch (error) {
            expect(error).toMatchObject({ name: 'SyntaxError', message: expect.stringMatching(/^line \d+: /) });
          }
        },
      ),
    );
  });
});

describe('DNS messages', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((array) => Buffer.from(array));

  test('a name of any bytes comes back', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const wire = Buffer.concat([...labels.flatMap((one) => [Buffer.from([one.length]), one]), Buffer.from([0])]);
        const read = readName(wire, 0);
        expect(read.next).toBe(wire.length);
        expect(encodeName(read.name).equals(wire)).toBe(true);
      }),
    );
  });

  test('records come back as they were sent', () => {
    const record = fc.oneof(
      fc.record({
        type: fc.constant(recordTypes.TXT),
        text: fc.array(bytes(255), { minLength: 1, maxLength: 5 }).map(renderTxt),
      }),
      fc.record({ type: fc.constant(recordTypes.SRV), text: srv.map(renderSrv) }),
      fc.record({
        type: fc.constant(recordTypes.PTR),
        text: fc.constantFrom('a.example.com.', '_https._tcp.b.example.'),
      }),
    );
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const sent = records.map(({ type, text }): SentRecord => ({
          name: 'x.example',
          type,
          class: 1,
          ttlSeconds: 7,
          data: encodeData(type, text),
        }));
        const message = encodeMessage(5, 0, { name: 'x.example', type: recordTypes.SRV }, [sent, []]);
        const { id, answers } = decodeMessage(message);
        expect([id, answers.map(({ type, text }) => ({ type, text }))]).toEqual([5, records]);
      }),
    );
  });

  test('any bytes are a message or a RangeError, and end', () => {
    const plain = encodeMessage(5, 0, { name: 'x.example', type: 16 }, [
      [{ name: 'x.example', type: 16, class: 1, ttlSeconds: 7, data: encodeData(16, '"a" "b"') }],
      [],
    ]);
    const changed = fc.array(fc.tuple(fc.nat(plain.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
      const copy = Buffer.from(plain);
      for (const [at, value] of changes) copy[at] = value;
      return copy;
    });
    const random = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.oneof(changed, random), (message) => {
        try {
          decodeMessage(message);
        } catch (error) {
          expect((error as Error).name).toBe('RangeError');
        }
      }),
    );
  });

  test('an SRV record of another form is none', () => {
    expect(['', '0 0 443', '0 0 x host.', '-1 0 443 host.', '0 0 443 a b'].map(parseSrv)).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('references', () => {
  const context = (env: Record<string, string> = {}) => ({
    fetch,
    env,
    findCredentials: async () => async () => ({ accessKeyId: 'a', secretAccessKey: 'b' }),
  });

  test.each(['dns:internal.example', 'dns:internal.example.@[::1]:53/users,orders', 'dns:a.b@127.0.0.1'])(
    '%s is a source',
    async (reference) => {
      expect((await openSource(reference, context())).name).toMatch(/^dns:(internal\.example|a\.b)$/);
    },
  );

  test.each([
    ['dns:internal..example', {}, 'is not a zone'],
    ['dns:internal.example', { DNS_TSIG_KEY: 'a:YQ==' }, 'primary server'],
    ['dns:internal.example@127.0.0.1', {}, 'DNS_TSIG_KEY'],
    ['dns:internal.example@127.0.0.1', { DNS_TSIG_KEY: 'hmac-md5:a:YQ==' }, 'hmac-sha256'],
    ['route53:zone/../x', {}, 'is not the id'],
    ['zone-file:/var/lib/bind/x.zone', {}, 'a zone and a file'],
  ])('%s with %j is no target, and the error says what to do', async (reference, env, found) => {
    const failure = { code: 'InvalidOptions', message: expect.stringContaining(found) };
    await expect(openTarget(reference, context(env))).rejects.toMatchObject(failure);
  });

  test('a server and a key make a target', async () => {
    const env = { DNS_TSIG_KEY: 'hmac-sha256:bridge:c2VjcmV0' };
    expect((await openTarget('dns:internal.example@127.0.0.1:5353', context(env))).name).toBe('dns:internal.example');
    expect((await openTarget('route53:Z0123', context())).name).toBe('route53:Z0123');
  });
});
