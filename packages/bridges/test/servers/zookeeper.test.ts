import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import { sourceContract } from '@amplify-discovery/test-rig';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';
import { createZookeeperSource, createZookeeperTarget, openSource, openTarget } from '../../src/index.ts';
import { createZookeeperClient, type ZookeeperEntry } from '../../src/zookeeper/zookeeper-client.ts';
import type { Entries } from '../../src/engine/create-entry-target.ts';
import { targetContract } from '../target-contract.ts';
import { callByName, callFromLambda, callThroughRouter, startBackend } from './call-by-name.ts';
import { raceForKeys } from './race-for-keys.ts';
import { javaOptions, startJavaPeer } from './start-java-peer.ts';
import { holdProcess } from './hold-process.ts';
import { findFreePort, startProgram, type Program } from './start-program.ts';
import { syncUnderKills } from './sync-under-kills.ts';

async function startZookeeper() {
  const folder = mkdtempSync(join(tmpdir(), 'zookeeper-'));
  const port = await findFreePort();
  const settings = {
    dataDir: folder,
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    'admin.enableServer': false,
    '4lw.commands.whitelist': 'srvr',
  };
  const file = join(folder, 'zoo.cfg');
  writeFileSync(
    file,
    Object.entries(settings)
      .map((line) => line.join('='))
      .join('\n'),
  );
  const jars = ['zookeeper', 'zookeeper-jute'].map((name) => `/usr/share/java/${name}.jar`).join(':');
  const start = (): Promise<Program> =>
    startProgram({
      command: 'java',
      args: [
        '-Xmx96m',
        ...javaOptions,
        '-Dzookeeper.forceSync=no',
        '-cp',
        jars,
        'org.apache.zookeeper.server.quorum.QuorumPeerMain',
        file,
      ],
      isReady: async () => /^Mode: standalone$/m.test(await askForStatus(port)),
    });
  let running = await start();
  const servers = `127.0.0.1:${port}`;
  const client = createZookeeperClient({ servers });
  const { signal } = new AbortController();
  const use = <T>(stage: string, operate: (entries: Entries<ZookeeperEntry>) => Promise<T>) =>
    client.use('endpoints', { stage, signal }, operate);
  /** As somebody's own deployment writes it. */
  const register = (stage: string, service: string, id: string, fields: object) =>
    use(stage, async ({ find, replace }) => {
      const key = `${service}/${id}`;
      const value = JSON.stringify({ name: service, id, ...fields });
      while (!(await replace(key, value, await find(key))));
    });
  return {
    options: { servers },
    use,
    register,
    deregister: (stage: string, service: string, id: string) =>
      use(stage, async ({ find, replace }) => {
        const seen = await find(`${service}/${id}`);
        if (seen) await replace(seen.key, undefined, seen);
      }),
    /** Stands still, its connections open; the function lets it go on. */
    freeze: () => holdProcess(running.processId),
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

/** What ZooKeeper says of itself; before it serves sessions only that it does not. */
function askForStatus(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('srvr'));
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', reject);
    // A connection of the moment before it serves is never answered.
    socket.setTimeout(500, () => socket.destroy());
    socket.on('close', () => resolve(answer));
  });
}

sourceContract('zookeeper', async () => {
  const { options, register, deregister, freeze, kill, close } = await startZookeeper();
  return {
    source: createZookeeperSource(options),
    register: ({ stage, service, id = 'default', target }) =>
      register(stage, service, id, { payload: { url: target } }),
    deregister: (stage, service, id = 'default') => deregister(stage, service, id),
    holdNextLoad: freeze,
    breakDown: kill,
    close,
  };
});

targetContract('zookeeper', async () => {
  const { options, register, kill, restart, close } = await startZookeeper();
  return {
    target: createZookeeperTarget(options),
    occupy: ({ stage, service, id, target }) => register(stage, service, id, { payload: { url: target } }),
    restart,
    breakDown: kill,
    close,
  };
});

describe('Curator’s own client', () => {
  const call = { stage: 'dev', signal: new AbortController().signal };

  test('reads what a bridge has written, whatever class it has for payloads', async () => {
    const { options, close } = await startZookeeper();
    const curator = await startJavaPeer('curator', 'CuratorPeer', [options.servers, '/discovery/dev']);
    try {
      const target = createZookeeperTarget(options);
      const put = (record: object) => target.put(parseEndpoint(record, 'dev'), { ...call, mark: 'blue' });
      await put({ service: 'users', target: 'https://users.example.com/prod', version: '1.2.3', metadata: { a: 'b' } });
      await put({ service: 'users', id: 'canary', target: 'https://canary.example.com:8443', weight: 5 });
      await put({ service: 'local', target: 'http://127.0.0.1:3000/a%20b' });
      await put({ service: 'chat', kind: 'websocket', target: 'wss://chat.example.com' });
      expect([...(await curator.ask('names'))].sort()).toEqual(['chat', 'local', 'users']);
      for (const payload of ['none', 'map', 'typed']) {
        expect([...(await curator.ask('query', 'users', payload))].sort()).toEqual([
          'canary canary.example.com null 8443 https://canary.example.com:8443',
          'default users.example.com null 443 https://users.example.com/prod',
        ]);
      }
      expect(await curator.ask('query', 'local', 'none')).toEqual([
        'default 127.0.0.1 3000 null http://127.0.0.1:3000/a%20b',
      ]);
      expect(await curator.ask('query', 'chat', 'none')).toEqual([
        'default chat.example.com null 443 wss://chat.example.com',
      ]);
    } finally {
      await curator.stop();
      await close();
    }
  });

  test('writes what the source reads: as far as it may be called, with and without payloads', async () => {
    const { options, close } = await startZookeeper();
    const curator = await startJavaPeer('curator', 'CuratorPeer', [options.servers, '/services']);
    try {
      const source = createZookeeperSource({ ...options, basePath: '/services' });
      const load = async () => {
        const answer = await source.load(call);
        if (answer.unchanged) throw new Error('unchanged was not expected');
        return [...(answer.endpoints as { service: string }[])].sort((one, other) =>
          one.service < other.service ? -1 : 1,
        );
      };
      const register = (...[name, address, port, sslPort, uri, payload]: string[]) =>
        curator.ask('register', `${name}`, 'one', `${address}`, `${port}`, `${sslPort}`, `${uri}`, `${payload}`);
      await register('a-secure-port', 'one.example.com', '', '8443', '', 'none');
      await register(
        'b-uri',
        'two.example.com',
        '80',
        '443',
        '{scheme}://{address}:{ssl-port}/{name}/{id}{unknown}',
        'typed',
      );
      await register('c-map', 'three.example.com', '', '443', '', 'map');
      await register('d-local', '127.0.0.1', '3000', '', '', 'none');
      await register('e-not-secure', 'four.example.com', '80', '', '{scheme}://{address}:{port}', 'none');
      await register('f not a name', 'five.example.com', '', '443', '', 'none');
      const metadata = { 'discovery.origin': source.name };
      const common = { stage: 'dev', id: 'one', metadata };
      expect(await load()).toEqual([
        { ...common, service: 'a-secure-port', target: 'https://one.example.com:8443' },
        { ...common, service: 'b-uri', target: 'https://two.example.com/b-uri/one' },
        { ...common, service: 'c-map', target: 'https://three.example.com', version: '1.2.3', weight: 7 },
        { ...common, service: 'd-local', target: 'http://127.0.0.1:3000' },
      ]);
      await curator.ask('unregister', 'a-secure-port', 'one');
      expect((await load()).map(({ service }) => service)).toEqual(['b-uri', 'c-map', 'd-local']);
    } finally {
      await curator.stop();
      await close();
    }
  });

  test('holds its keys against a bridge, and takes none back from a bridge that looks on', async () => {
    const { options, close } = await startZookeeper();
    const curator = await startJavaPeer('curator', 'CuratorPeer', [options.servers, '/discovery/dev']);
    try {
      const target = createZookeeperTarget(options);
      const endpoint = (service: string) => parseEndpoint({ service, target: 'https://ours.example.com' }, 'dev');
      await curator.ask('register', 'theirs', 'default', 'theirs.example.com', '', '443', '', 'typed');
      await expect(target.put(endpoint('theirs'), { ...call, mark: 'blue' })).rejects.toMatchObject({
        code: 'RegistrationConflict',
      });
      // Curator removes what stands in its place.
      await target.put(endpoint('ours'), { ...call, mark: 'blue' });
      const { objects } = await target.list('dev', call);
      await curator.ask('register', 'ours', 'default', 'taken.example.com', '', '443', '', 'none');
      for (const object of objects) await target.remove(object, { ...call, mark: 'blue' });
      expect(await curator.ask('query', 'ours', 'none')).toEqual(['default taken.example.com null 443 ']);
      expect(await curator.ask('query', 'theirs', 'typed')).toEqual(['default theirs.example.com null 443 ']);
    } finally {
      await curator.stop();
      await close();
    }
  });
});

describe('zookeeper', () => {
  const signal = new AbortController().signal;
  const call = { stage: 'dev', signal };
  const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com/prod', weight: 5 }, 'dev');

  test('a node has what Curator reads, and nothing that names a class', async () => {
    const { options, use, close } = await startZookeeper();
    try {
      await createZookeeperTarget(options).put(endpoint, { ...call, mark: 'blue' });
      const { value, version } = (await use('dev', ({ find }) => find('users/default'))) ?? { value: '', version: 0 };
      expect(JSON.parse(value)).toEqual({
        name: 'users',
        id: 'default',
        address: 'users.example.com',
        port: null,
        sslPort: 443,
        payload: null,
        registrationTimeUTC: 0,
        serviceType: 'PERMANENT',
        uriSpec: { parts: [{ value: 'https://users.example.com/prod', variable: false }] },
        discovery: { url: 'https://users.example.com/prod', kind: 'rest', weight: '5', 'discovery.bridge': 'blue' },
      });
      expect(version).toBe(1);
    } finally {
      await close();
    }
  });

  test('a node that was removed and created again between reading and writing is not overwritten', async () => {
    const { options, use, register, deregister, close } = await startZookeeper();
    try {
      await createZookeeperTarget(options).put(endpoint, { ...call, mark: 'blue' });
      const seen = await use('dev', ({ find }) => find('users/default'));
      await deregister('dev', 'users', 'default');
      const curatorLike = await startJavaPeer('curator', 'CuratorPeer', [options.servers, '/discovery/dev']);
      try {
        await curatorLike.ask('register', 'users', 'default', 'theirs.example.com', '', '443', '', 'none');
        expect(await use('dev', ({ replace }) => replace('users/default', 'ours', seen))).toBe(false);
        expect(await use('dev', ({ replace }) => replace('users/default', undefined, seen))).toBe(false);
        expect(await curatorLike.ask('query', 'users', 'none')).toHaveLength(1);
      } finally {
        await curatorLike.stop();
      }
      await register('dev', 'users', 'other', {});
    } finally {
      await close();
    }
  });

  test('two bridges that write one key at once: one has it, the other is refused', async () => {
    const { options, close } = await startZookeeper();
    try {
      await raceForKeys(() => createZookeeperTarget(options));
    } finally {
      await close();
    }
  });

  test('an app, a function and a router call by name what only ZooKeeper knows', async () => {
    const [{ options, register, close }, backend] = await Promise.all([
      startZookeeper(),
      startBackend('from ZooKeeper'),
    ]);
    try {
      await register('dev', 'users', 'one', { address: '127.0.0.1', port: Number(new URL(backend.url).port) });
      for (const callIt of [callByName, callFromLambda, callThroughRouter]) {
        expect(await callIt(createZookeeperSource(options), 'dev', 'users')).toBe('from ZooKeeper');
      }
    } finally {
      await Promise.all([close(), backend.stop()]);
    }
  });

  test('a thousand instances are one listing, over several frames of the network', async () => {
    const { options, use, close } = await startZookeeper();
    try {
      const note = 'x'.repeat(1000);
      await use('dev', async ({ replace }) => {
        await replace('s0/default', '{}', undefined);
        for (let index = 0; index < 1000; index++) {
          const value = JSON.stringify({ address: 'one.example.com', sslPort: 443, note });
          while (!(await replace(`s${index % 40}/i${index}`, value, undefined)));
        }
      });
      const answer = await createZookeeperSource(options).load(call);
      expect(answer.unchanged ? [] : answer.endpoints).toHaveLength(1000);
    } finally {
      await close();
    }
  });

  test('user and password create nodes that others read and cannot change, by the address that people write', async () => {
    const { options, close } = await startZookeeper();
    const context = (env: Record<string, string>) => ({
      env,
      fetch,
      findCredentials: async () => {
        throw new Error('no AWS here');
      },
    });
    try {
      const address = `zookeeper:${options.servers}/guarded/{stage}`;
      const owner = await openTarget(address, context({ ZOOKEEPER_AUTH: 'ann:secret' }));
      const stranger = await openTarget(address, context({}));
      expect(owner.name).toBe(address);
      await owner.put(endpoint, { ...call, mark: 'blue' });
      const [object] = (await stranger.list('dev', call)).objects;
      if (!object) throw new Error('nothing is there');
      const moved = { ...endpoint, target: 'https://moved.example.com' };
      await expect(stranger.put(moved, { ...call, mark: 'blue' })).rejects.toMatchObject({
        code: 'RegistryDenied',
        message: expect.stringContaining('ACL'),
      });
      await expect(stranger.remove(object, { ...call, mark: 'blue' })).rejects.toMatchObject({
        code: 'RegistryDenied',
      });
      await owner.put(moved, { ...call, mark: 'blue' });
      expect(await (await openSource(address, context({}))).load(call)).toMatchObject({ endpoints: [] });
    } finally {
      await close();
    }
  });

  test('to other machines it speaks TLS, and trusts no certificate that is not vouched for', async () => {
    const { options, close } = await startZookeeper();
    const sockets = new Set<Socket>();
    const [, port] = options.servers.split(':');
    const gate = createTlsServer(loopbackCertificate, (outer) => {
      const inner = connect(Number(port), '127.0.0.1');
      for (const socket of [outer, inner]) sockets.add(socket.on('error', () => {}));
      outer.pipe(inner).pipe(outer);
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
    const servers = `localhost:${(gate.address() as AddressInfo).port}`;
    try {
      await createZookeeperTarget({ servers, tls: { ca: loopbackCertificate.cert } }).put(endpoint, {
        ...call,
        mark: 'blue',
      });
      expect((await createZookeeperTarget(options).list('dev', call)).objects).toHaveLength(1);
      await expect(createZookeeperSource({ servers, tls: {} }).load(call)).rejects.toMatchObject({
        code: 'RegistryUnavailable',
        message: expect.stringContaining('self-signed'),
      });
      await expect(createZookeeperSource({ ...options, tls: {} }).load(call)).rejects.toMatchObject({
        code: 'RegistryUnavailable',
        message: expect.stringMatching(/no TLS with .*secureClientPort/),
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => gate.close(resolve));
      await close();
    }
  });

  test('of several servers the first that answers is asked; one that is not ZooKeeper is named', async () => {
    const { options, close } = await startZookeeper();
    const other = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const wrong = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const down = `127.0.0.1:${await findFreePort()}`;
    try {
      const several = createZookeeperSource({ servers: `${down},${wrong},${options.servers}` });
      expect(await several.load(call)).toMatchObject({ endpoints: [] });
      await expect(createZookeeperSource({ servers: wrong }).load(call)).rejects.toMatchObject({
        code: 'RegistryUnavailable',
        message: expect.stringContaining('not ZooKeeper'),
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
      await close();
    }
  });

  test('a server that stands still is given up after the time limit', async () => {
    const { options, freeze, close } = await startZookeeper();
    const thaw = freeze();
    try {
      await expect(createZookeeperSource({ ...options, timeoutMs: 300 }).load(call)).rejects.toMatchObject({
        code: 'RegistryUnavailable',
        message: expect.stringContaining('no answer in 300 ms'),
      });
    } finally {
      thaw();
      await close();
    }
  });

  test.each(['', ':2181', 'http://zk:2181', 'zk:0', 'zk:99999', 'a b', 'zk,,zk'])('"%s" is not a server', (servers) => {
    expect(() => createZookeeperSource({ servers })).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  });

  test.each(['', '/', 'services', '/a//b', '/a/../b', '/a/', '/a/\u0000'])('"%s" is not a base path', (basePath) => {
    const make = () => createZookeeperSource({ servers: 'zk', basePath });
    expect(make).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  });

  test('killed in the middle of fifty syncs, it ends right', async () => {
    const { options, restart, close } = await startZookeeper();
    try {
      await syncUnderKills(createZookeeperTarget(options), restart);
    } finally {
      await close();
    }
  }, 120_000);
});
