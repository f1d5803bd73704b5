import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startProgram, type Program } from './start-program.ts';
import { holdProcess } from './hold-process.ts';

export const tsigKey: { readonly name: string; readonly secret: string } = {
  name: 'bridge',
  secret: Buffer.from('a secret for the tests of bridges').toString('base64'),
};

export interface Bind {
  readonly server: string;
  /** Of its zone files; `internal.test.zone` is the zone that may be updated. */
  readonly folder: string;
  /** Runs nsupdate with the key. @throws what it said */
  update(...commands: readonly string[]): Promise<void>;
  /** What dig reads, sorted. */
  dig(type: string, name: string): Promise<readonly string[]>;
  /** Holds it still, with its sockets open, until the returned function is called. */
  hold(): () => void;
  /** Reads its zone files again. */
  reload(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** BIND with the zone `internal.test`, which the key may update and transfer, and whatever zones are given as files. */
export async function startBind(zoneFiles: Readonly<Record<string, string>> = {}): Promise<Bind> {
  const folder = mkdtempSync(join(tmpdir(), 'bind-'));
  const port = await findFreePort();
  const controlPort = await findFreePort();
  const server = `127.0.0.1:${port}`;
  const key = `key "${tsigKey.name}" { algorithm hmac-sha256; secret "${tsigKey.secret}"; };`;
  const zones = Object.entries(zoneFiles).map(
    ([zone, file]) => `zone "${zone}" { type primary; file "${file}"; allow-transfer { key ${tsigKey.name}; }; };`,
  );
  writeFileSync(
    join(folder, 'named.conf'),
    `${key}
options {
  directory "${folder}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile "${join(folder, 'session.key')}";
  recursion no;
  notify no;
  allow-transfer { none; };
};
controls { inet 127.0.0.1 port ${controlPort} allow { 127.0.0.1; } keys { ${tsigKey.name}; }; };
zone "internal.test" {
  type primary;
  file "internal.test.zone";
  allow-update { key ${tsigKey.name}; };
  allow-transfer { key ${tsigKey.name}; };
};
zone "broken.test" { type primary; file "broken.test.zone"; };
zone "readable.test" { type primary; file "readable.test.zone"; };
${zones.join('\n')}
`,
  );
  writeFileSync(
    join(folder, 'rndc.conf'),
    `${key} options { default-key "${tsigKey.name}"; default-server 127.0.0.1; default-port ${controlPort}; };`,
  );
  writeFileSync(join(folder, 'internal.test.zone'), makeZone());
  writeFileSync(join(folder, 'readable.test.zone'), makeZone());
  writeFileSync(join(folder, 'broken.test.zone'), 'this is not a zone\n');
  const start = (): Promise<Program> =>
    startProgram({
      command: 'named',
      args: ['-g', '-c', join(folder, 'named.conf')],
      isReady: async () => {
        const resolver = new Resolver({ timeout: 500, tries: 1 });
        resolver.setServers([server]);
        return (await resolver.resolveSoa('internal.test')).serial > 0;
      },
    });
  let running = await start();
  return {
    server,
    folder,
    update: async (...commands) => {
      await run(
        'nsupdate',
        ['-y', `hmac-sha256:${tsigKey.name}:${tsigKey.secret}`],
        [`server 127.0.0.1 ${port}`, 'zone internal.test', ...commands, 'send'],
      );
    },
    dig: async (type, name) => {
      const lines = await run('dig', ['@127.0.0.1', '-p', String(port), '+short', '+tcp', type, name], []);
      return lines.split('\n').filter(Boolean).sort();
    },
    hold: () => holdProcess(running.processId),
    reload: async () => {
      await run('rndc', ['-c', join(folder, 'rndc.conf'), 'reload'], []);
    },
    kill: () => running.kill(),
    restart: async () => {
      await running.kill();
      running = await start();
    },
    close: async () => {
      await running.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The whole zone as BIND reads its file. @throws what BIND finds wrong with it */
export function checkZone(zone: string, file: string): Promise<string> {
  return run('named-checkzone', ['-i', 'none', '-o', '-', '-D', zone, file], []);
}

/** A zone with nothing in it yet. */
function makeZone(): string {
  return '$TTL 60\n@ IN SOA ns hostmaster 1 3600 900 604800 1\n@ IN NS ns\nns IN A 127.0.0.1\n';
}

function run(command: string, args: readonly string[], lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, (error, stdout, stderr) =>
      error ? reject(new Error(`${command}: ${stdout}${stderr}`)) : resolve(stdout),
    );
    // A program that reads nothing may have ended by now; how it ended is what counts.
    child.stdin?.on('error', () => {});
    child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
  });
}
