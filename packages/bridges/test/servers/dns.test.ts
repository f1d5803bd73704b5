import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sourceContract } from '@amplify-discovery/test-rig';
import { renderTxt } from '../../src/dns/record-text.ts';
import { nameIndex, namePage } from '../../src/dns/service-name.ts';
import { createDnsSource } from '../../src/index.ts';
import { callByName, startBackend } from './call-by-name.ts';
import { startBind } from './start-bind.ts';
import { holdProcess } from './hold-process.ts';
import { findFreePort, startProgram, type Program } from './start-program.ts';

const zone = 'internal.test';
const { signal } = new AbortController();

interface Entry {
  readonly stage: string;
  readonly service: string;
  readonly id: string;
  readonly url: URL;
}

/** The records of a stage as people write them; several endpoints of a service are told apart by `host`. */
const txtOf = ({ id, url }: Entry) => [`id=${id}`, `host=${url.hostname}`, `path=${url.pathname}`];
const nameOf = ({ stage, service }: Pick<Entry, 'stage' | 'service'>) => `_https._tcp.${service}.${stage}.${zone}`;

function keepEntries(publish: (entries: readonly Entry[]) => Promise<void>) {
  const entries = new Map<string, Entry>();
  const keyOf = (stage: string, service: string, id: string) => `${stage}/${service}/${id}`;
  return {
    register: async ({
      stage,
      service,
      id = 'default',
      target,
    }: {
      stage: string;
      service: string;
      id?: string;
      target: string;
    }) => {
      entries.set(keyOf(stage, service, id), { stage, service, id, url: new URL(target) });
      await publish([...entries.values()]);
    },
    deregister: async (stage: string, service: string, id = 'default') => {
      entries.delete(keyOf(stage, service, id));
      await publish([...entries.values()]);
    },
  };
}

sourceContract('DNS (BIND)', async () => {
  const bind = await startBind();
  const known = new Set<string>();
  return {
    source: createDnsSource({ zone, server: bind.server }),
    ...keepEntries(async (entries) => {
      for (const entry of entries) known.add(nameOf(entry)).add(nameIndex(`${entry.stage}.${zone}`));
      await bind.update(
        ...[...known].map((name) => `update delete ${name}`),
        ...entries.flatMap((entry) => [
          `update add ${nameOf(entry)} 60 SRV 0 100 443 ${entry.url.hostname}.`,
          `update add ${nameOf(entry)} 60 TXT ${renderTxt(txtOf(entry))}`,
          `update add ${nameIndex(`${entry.stage}.${zone}`)} 60 PTR ${nameOf(entry)}.`,
        ]),
      );
    }),
    holdNextLoad: bind.hold,
    breakDown: bind.kill,
    close: bind.close,
  };
});

async function startDnsmasq() {
  const folder = mkdtempSync(join(tmpdir(), 'dnsmasq-'));
  const port = await findFreePort();
  const server = `127.0.0.1:${port}`;
  const file = join(folder, 'dnsmasq.conf');
  const start = (): Promise<Program> =>
    startProgram({
      command: 'dnsmasq',
      args: ['--keep-in-foreground', `--conf-file=${file}`],
      isReady: async () => {
        const resolver = new Resolver({ timeout: 500, tries: 1 });
        resolver.setServers([server]);
        return (await resolver.resolveTxt(zone)).length > 0;
      },
    });
  const write = (lines: readonly string[]) =>
    writeFileSync(
      file,
      [
        `port=${port}`,
        'listen-address=127.0.0.1',
        'bind-interfaces',
        'no-resolv',
        'no-hosts',
        'pid-file=',
        `local=/${zone}/`,
        `txt-record=${zone},this zone is ours`,
        ...lines,
        '',
      ].join('\n'),
    );
  write([]);
  let running = await start();
  return {
    server,
    publish: async (entries: readonly Entry[]) => {
      write(
        entries.flatMap((entry) => [
          `srv-host=${nameOf(entry)},${entry.url.hostname},443,0,100`,
          `txt-record=${nameOf(entry)},${txtOf(entry).join(',')}`,
          `ptr-record=${nameIndex(`${entry.stage}.${zone}`)},${nameOf(entry)}`,
        ]),
      );
      await running.kill();
      running = await start();
    },
    hold: () => holdProcess(running.processId),
    kill: () => running.kill(),
    close: async () => {
      await running.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

sourceContract('DNS (dnsmasq)', async () => {
  const { server, publish, hold, kill, close } = await startDnsmasq();
  return {
    source: createDnsSource({ zone, server }),
    ...keepEntries(publish),
    holdNextLoad: hold,
    breakDown: kill,
    close,
  };
});

describe('DNS as a source', () => {
  test('has weights and priorities as they are, and ids of their own for hosts that share a TXT record', async () => {
    const bind = await startBind();
    try {
      const at = `_https._tcp.users.dev.${zone}`;
      await bind.update(
        `update add ${at} 60 SRV 10 60 443 a.example.com.`,
        `update add ${at} 60 SRV 10 0 8443 b.example.com.`,
        `update add ${at} 60 SRV 65535 65535 443 c.example.com.`,
        // With the last string the answer is too long for UDP.
        `update add ${at} 60 TXT "path=/prod" "version=1.2.3" "PATH" "path=/other" "" "=" "metadata={\\"note\\":\\"\\195\\164\\"}" ${renderTxt(Array.from({ length: 10 }, (_one, count) => `x${count}=`.padEnd(250, 'x')))}`,
        `update add _https._tcp.gone.dev.${zone} 60 SRV 0 0 0 .`,
        `update add _https._tcp.gone.dev.${zone} 60 TXT ""`,
        `update add _https._tcp.others.dev.${zone} 60 SRV 0 0 443 others.example.com.`,
      );
      const source = createDnsSource({ zone, server: bind.server, services: ['users', 'gone', 'others'] });
      const answer = await source.load({ stage: 'dev', signal });
      const metadata = { note: 'ä', 'discovery.origin': `dns:${zone}` };
      const same = { stage: 'dev', service: 'users', version: '1.2.3', metadata };
      expect(answer).toMatchObject({
        endpoints: [
          { ...same, id: 'b.example.com-8443', target: 'https://b.example.com:8443/prod', priority: 10, weight: 0 },
          { ...same, id: 'a.example.com-443', target: 'https://a.example.com/prod', priority: 10, weight: 60 },
          { ...same, id: 'c.example.com-443', target: 'https://c.example.com/prod', priority: 65_535, weight: 1000 },
        ],
      });
    } finally {
      await bind.close();
    }
  });

  test('reads an index on pages, and each service once', async () => {
    const bind = await startBind();
    try {
      const domain = `dev.${zone}`;
      const services = Array.from({ length: 150 }, (_one, count) => `s${count}`);
      const commands = services.flatMap((service) => {
        const name = `_https._tcp.${service}.${domain}`;
        return [
          `update add ${name} 60 SRV 0 1 443 x.example.com.`,
          `update add ${name} 60 TXT "path=/${service}"`,
          `update add ${namePage(service, domain)} 60 PTR ${name}.`,
          `update add ${nameIndex(domain)} 60 PTR ${namePage(service, domain)}.`,
        ];
      });
      await bind.update(...commands, `update add ${nameIndex(domain)} 60 PTR _https._tcp.s1.${domain}.`);
      const answer = await createDnsSource({ zone, server: bind.server }).load({ stage: 'dev', signal });
      const records = answer.unchanged ? [] : (answer.endpoints as { service: string }[]);
      expect(records.map(({ service }) => service).sort()).toEqual([...services].sort());
    } finally {
      await bind.close();
    }
  });

  test('a failure of one question is one of the stage, never a service less', async () => {
    const bind = await startBind();
    try {
      const load = (options: object) =>
        createDnsSource({ zone, server: bind.server, services: ['users'], timeoutMs: 200, tries: 1, ...options })
          .load({ stage: 'dev', signal })
          .catch((error: unknown) => error);
      const failure = (code: string, found: string) => ({ code, message: expect.stringContaining(found) });
      expect(await load({})).toMatchObject({ endpoints: [] });
      expect(await load({ zone: 'nowhere.internal.test' })).toMatchObject(
        failure('RegistryUnavailable', 'no such zone'),
      );
      expect(await load({ zone: 'broken.test' })).toMatchObject(failure('RegistryUnavailable', 'SERVFAIL'));
      expect(await load({ zone: 'elsewhere.example' })).toMatchObject(failure('RegistryDenied', 'REFUSED'));
      const release = bind.hold();
      expect(await load({})).toMatchObject(failure('RegistryUnavailable', 'no answer in time'));
      release();
    } finally {
      await bind.close();
    }
  });

  test('an Amplify app calls by name what only DNS knows', async () => {
    const [bind, backend] = await Promise.all([startBind(), startBackend('from DNS')]);
    try {
      await bind.update(
        `update add _https._tcp.users.dev.${zone} 60 SRV 0 100 ${new URL(backend.url).port} localhost.`,
        `update add _https._tcp.users.dev.${zone} 60 TXT "scheme=http"`,
        `update add ${nameIndex(`dev.${zone}`)} 60 PTR _https._tcp.users.dev.${zone}.`,
      );
      expect(await callByName(createDnsSource({ zone, server: bind.server }), 'dev', 'users', ['localhost:*'])).toBe(
        'from DNS',
      );
    } finally {
      await Promise.all([bind.close(), backend.stop()]);
    }
  });
});
