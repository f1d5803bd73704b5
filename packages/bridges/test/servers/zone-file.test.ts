import { deepEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { parseZoneFile } from '../../src/dns/zone-file/parse-zone-file.ts';
import { createDnsTarget, createZoneFileTarget, syncStage, type TargetListing } from '../../src/index.ts';
import { targetContract } from '../target-contract.ts';
import { createChangingStage } from './create-changing-stage.ts';
import { checkZone, startBind, tsigKey } from './start-bind.ts';

const zone = 'files.test';
const { signal } = new AbortController();

/** As people write them. */
const head = `$TTL 1h
@   IN SOA ns.files.test. hostmaster (
      4294967294 ; serial
      1h 15m 1w 1 )
    NS ns
ns  A 127.0.0.1
`;

function makeFile(text: string = head) {
  const root = mkdtempSync(join(tmpdir(), 'zone-file-'));
  const folder = join(root, 'zones');
  mkdirSync(folder);
  const file = join(folder, `${zone}.zone`);
  writeFileSync(file, text);
  return { folder, file, target: createZoneFileTarget({ zone, file }), close: () => rmSync(root, { recursive: true }) };
}

const serialOf = (file: string) => Number(parseZoneFile(readFileSync(file, 'latin1'), zone).serial?.text);
const sortByKey = ({ objects }: TargetListing) => [...objects].sort((one, other) => (one.key < other.key ? -1 : 1));

targetContract(
  'a zone file',
  async () => {
    const { folder, file, target, close } = makeFile();
    const bind = await startBind({ [zone]: file });
    const served = createDnsTarget({ zone, server: bind.server, key: tsigKey });
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([bind.server]);
    let isDown = false;
    return {
      // What the file says is what BIND makes of it.
      target: {
        ...target,
        list: async (stage, options) => {
          const listing = await target.list(stage, options);
          if (isDown || options.signal.aborted) return listing;
          await bind.reload();
          while ((await resolver.resolveSoa(zone)).serial !== serialOf(file));
          deepEqual(sortByKey(await served.list(stage, options)), sortByKey(listing));
          return listing;
        },
      },
      occupy: async ({ stage, service }) => {
        const theirs = `_https._tcp.${service}.${stage} 60 SRV ( 0 0 ; by hand
          443 theirs.example.com. )
        60 IN TXT path=/prod "with \\"quotes\\"; and \\\\ and \\228"
`;
        const text = readFileSync(file, 'latin1');
        writeFileSync(
          file,
          text
            .replace(head.slice(-20), head.slice(-20) + theirs)
            .replace(String(serialOf(file)), String(serialOf(file) + 1)),
          'latin1',
        );
      },
      restart: bind.restart,
      breakDown: async () => {
        isDown = true;
        rmSync(folder, { recursive: true });
      },
      close: async () => {
        await bind.close();
        close();
      },
    };
  },
  { runs: 8 },
);

describe('a zone file as a target', () => {
  const write = { stage: 'dev', mark: 'blue', signal };
  const make = (service: string, more: object = {}) =>
    parseEndpoint({ service, target: `https://${service}.example.com/prod`, ...more }, 'dev');

  test('keeps to the letter what stands above its border, but for the serial, and sorts what is its own', async () => {
    const { file, target, close } = makeFile();
    try {
      for (const service of ['users', 'orders']) await target.put(make(service), write);
      const text = readFileSync(file, 'utf8');
      expect(text.startsWith(head.replace('4294967294', '1'))).toBe(true);
      const lines = text.slice(head.length - 9).split('\n');
      expect(lines[0]).toMatch(/^; Below stand the records of discovery bridges/);
      expect(lines.slice(1)).toEqual(lines.slice(1, -1).sort().concat(''));
      expect(lines).toContain('_https._tcp.users.dev.files.test. 60 IN SRV 0 100 443 users.example.com.');
      expect(await checkZone(zone, file)).toContain('_https._tcp.users.dev.files.test.');
      for (const service of ['users', 'orders'])
        await target.remove({ key: `${service}/default`, content: '', mark: 'blue' }, write);
      expect(readFileSync(file, 'utf8')).toBe(`${head.replace('4294967294', '3')}${lines[0]}\n`);
    } finally {
      close();
    }
  });

  test('is a file to include where it has no SOA record, and need not be there before', async () => {
    const { file, folder, target, close } = makeFile();
    try {
      rmSync(file);
      await target.put(make('users'), write);
      expect(readdirSync(folder)).toEqual([`${zone}.zone`]);
      const whole = join(folder, 'whole.zone');
      writeFileSync(whole, `${head}$INCLUDE ${file}\n`);
      expect(await checkZone(zone, whole)).toContain('_https._tcp.users.dev.files.test.');
    } finally {
      close();
    }
  });

  test.each([
    ['$INCLUDE other.zone\n', 'line 1: $INCLUDE'],
    ['@ IN TXT ( "a"\n', 'without an end'],
    ['@ IN TXT "a\n', 'line 1: a " without an end'],
    ['\n\na IN SRV 1 2\n', 'line 3: not a SRV record'],
    [' IN TXT "a"\n', 'without a name'],
  ])('%j can’t be read for certain: nothing is written, and the error names the line', async (text, found) => {
    const { file, target, close } = makeFile(text);
    try {
      const failure = { code: 'RegistryUnavailable', message: expect.stringContaining(found) };
      await expect(target.list('dev', { signal })).rejects.toMatchObject(failure);
      await expect(target.put(make('users'), write)).rejects.toMatchObject(failure);
      expect(readFileSync(file, 'utf8')).toBe(text);
    } finally {
      close();
    }
  });

  test('five bridges that write one file at once lose nothing', async () => {
    const { file, close } = makeFile();
    try {
      const marks = Array.from({ length: 5 }, (_one, count) => `bridge-${count}`);
      await Promise.all(
        marks.map((mark) => createZoneFileTarget({ zone, file }).put(make(`of-${mark}`), { ...write, mark })),
      );
      const { objects } = await createZoneFileTarget({ zone, file }).list('dev', { signal });
      expect(objects.map(({ mark }) => mark).sort()).toEqual([...marks].sort());
      await checkZone(zone, file);
    } finally {
      close();
    }
  });

  test('a lock whose process has died holds nobody up, and a half-written file counts for nothing', async () => {
    const { file, folder, target, close } = makeFile();
    try {
      const ended = execFileSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' }).trim();
      writeFileSync(`${file}.lock`, ended);
      writeFileSync(`${file}.x.new`, '_https._tcp.users.dev 60 IN SR');
      await target.put(make('users'), write);
      expect((await target.list('dev', { signal })).objects).toHaveLength(1);
      expect(existsSync(`${file}.lock`)).toBe(false);
      expect(readdirSync(folder)).toEqual([`${zone}.zone`, `${zone}.zone.x.new`]);
    } finally {
      close();
    }
  });

  test('a record of its own that somebody has moved above the border is theirs to move back', async () => {
    const { file, target, close } = makeFile();
    try {
      await target.put(make('users'), write);
      const [above = '', below = ''] = readFileSync(file, 'utf8').split(/(?=^; Below)/m);
      const [line = '', ...rest] = below.split('\n').slice(1).reverse().filter(Boolean).reverse();
      writeFileSync(file, `${above}${line}\n${below.split('\n')[0]}\n${rest.join('\n')}\n`);
      const before = readFileSync(file, 'utf8');
      const removal = target.remove({ key: 'users/default', content: '', mark: 'blue' }, write);
      await expect(removal).rejects.toMatchObject({ message: expect.stringContaining('move it below') });
      expect(readFileSync(file, 'utf8')).toBe(before);
    } finally {
      close();
    }
  });

  test('a bridge that is stopped in the middle of fifty syncs ends right', async () => {
    const { file, target, close } = makeFile();
    try {
      const { source, services, change } = createChangingStage();
      let stopped = 0;
      for (let round = 0; round < 50; round++) {
        change(round);
        const stop = new AbortController();
        const options = { source, target, mark: 'blue', stage: 'dev', sleep: async () => {}, allowEmpty: true };
        const onWrite = () => round % 5 === 0 && stop.abort(new Error('stopped'));
        await syncStage({ ...options, signal: stop.signal, onWrite }).catch((error: unknown) => {
          expect(error).toMatchObject({ message: 'stopped' });
          stopped += 1;
        });
        await checkZone(zone, file);
        if (round === 49) await syncStage({ ...options, signal });
      }
      expect(stopped).toBe(10);
      const { objects } = await target.list('dev', { signal });
      expect(objects.map(({ key }) => key).sort()).toEqual([...services].map((service) => `${service}/default`).sort());
    } finally {
      close();
    }
  }, 60_000);
});
