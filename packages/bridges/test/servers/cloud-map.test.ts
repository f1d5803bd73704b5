import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { assumeRole } from '@amplify-discovery/aws';
import { memorySource, sourceContract } from '@amplify-discovery/test-rig';
import { createCloudMapClient } from '../../src/cloud-map/cloud-map-client.ts';
import { createCloudMapSource, createCloudMapTarget, syncStage } from '../../src/index.ts';
import { targetContract } from '../target-contract.ts';
import { callByName, callFromLambda, callThroughRouter, startBackend } from './call-by-name.ts';
import { holdFetch } from './hold-fetch.ts';
import { mendCloudMap } from './mend-cloud-map.ts';
import { findFreePort, serversFolder, startProgram } from './start-program.ts';

/**
 * Two emulators of Cloud Map. Where one differs from AWS's API reference, that is mended in front of it: mend-cloud-map.ts.
 * moto's revision falls to 0 when an instance leaves, where AWS's only rises: a source that reads in between notices that too.
 */
const emulators = [
  {
    name: 'moto',
    program: join(serversFolder, 'python/bin/moto_server'),
    makeArgs: (port: number) => ['-H', '127.0.0.1', '-p', String(port)],
    makeEnv: () => ({}),
  },
  {
    name: 'ministack',
    program: join(serversFolder, 'python/bin/ministack'),
    makeArgs: () => [],
    makeEnv: (port: number) => ({ GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0' }),
  },
];

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' };

async function startCloudMap({ program, makeArgs, makeEnv }: (typeof emulators)[number]) {
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}/`;
  const started = await startProgram({
    command: program,
    args: makeArgs(port),
    env: makeEnv(port),
    isReady: async () => (await fetch(endpoint, { signal: AbortSignal.timeout(1000) })).status < 600,
  });
  const held = holdFetch(mendCloudMap(fetch));
  const options = { namespace: '{stage}.test', region: 'eu-west-1', credentials, endpoint, fetch: held.fetch };
  const client = createCloudMapClient(options);
  const made = new Set<string>();
  const signal = new AbortController().signal;
  /** Namespaces are made by people, not by bridges. */
  const makeNamespace = async (stage: string) => {
    if (made.has(stage)) return;
    made.add(stage);
    const call = (action: string, body: object) =>
      fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `Route53AutoNaming_v20170314.${action}`,
          authorization:
            'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261126/eu-west-1/servicediscovery/aws4_request, SignedHeaders=host, Signature=0',
        },
        body: JSON.stringify(body),
      });
    await call('CreateHttpNamespace', { Name: `${stage}.test`, CreatorRequestId: stage });
    while ((await client.findNamespace({ stage, signal })) === undefined);
  };
  const register = async (stage: string, service: string, id: string, attributes: Record<string, string>) => {
    await makeNamespace(stage);
    const call = { stage, signal };
    const namespace = (await client.findNamespace(call)) as string;
    const services = await client.listServices(namespace, call);
    const serviceId =
      services.find(({ name }) => name === service)?.id ??
      (await client.createService(namespace, service, 'by hand', call));
    await client.registerInstance(serviceId, { id, attributes }, call);
  };
  const deregister = async (stage: string, service: string, id: string) => {
    const call = { stage, signal };
    const services = await client.listServices((await client.findNamespace(call)) as string, call);
    const found = services.find(({ name }) => name === service);
    if (found) await client.deregisterInstance(found.id, id, call);
  };
  return { options, client, makeNamespace, register, deregister, held, kill: started.kill, endpoint };
}

for (const emulator of emulators) {
  sourceContract(`Cloud Map (${emulator.name})`, async () => {
    const { options, register, deregister, held, kill } = await startCloudMap(emulator);
    return {
      source: createCloudMapSource(options),
      register: ({ stage, service, id = 'default', target }) => register(stage, service, id, { url: target }),
      deregister: (stage, service, id = 'default') => deregister(stage, service, id),
      holdNextLoad: held.hold,
      breakDown: () => kill(),
      close: () => kill(),
    };
  });

  targetContract(
    `Cloud Map (${emulator.name})`,
    async () => {
      const { options, makeNamespace, register, kill } = await startCloudMap(emulator);
      const target = createCloudMapTarget(options);
      let isDown = false;
      const prepare = async <T>(stage: string, task: () => Promise<T>) => {
        await makeNamespace(stage);
        return task();
      };
      return {
        // The contract takes new stages, whose namespaces somebody has to make first.
        target: {
          ...target,
          put: (endpoint, more) =>
            isDown || more.signal.aborted
              ? target.put(endpoint, more)
              : prepare(more.stage, () => target.put(endpoint, more)),
        },
        occupy: ({ stage, service, id, target: url }) => register(stage, service, id, { url }),
        breakDown: () => {
          isDown = true;
          return kill();
        },
        close: () => kill(),
      };
    },
    { isManaged: true, runs: 5 },
  );

  describe(`a source over Cloud Map (${emulator.name})`, () => {
    test('leaves out what a bridge has copied and instances without a URL, and names where the others come from', async () => {
      const { options, register, kill } = await startCloudMap(emulator);
      try {
        await register('dev', 'users', 'default', { url: 'https://users.example.com', weight: '5', version: '1.2.3' });
        await register('dev', 'copied', 'default', { url: 'https://copied.example.com', 'discovery.bridge': 'blue' });
        await register('dev', 'private', 'task-1', { AWS_INSTANCE_IPV4: '10.0.0.1', AWS_INSTANCE_PORT: '8080' });
        const { signal } = new AbortController();
        expect(await createCloudMapSource(options).load({ stage: 'dev', signal })).toMatchObject({
          endpoints: [
            {
              stage: 'dev',
              service: 'users',
              id: 'default',
              target: 'https://users.example.com',
              weight: 5,
              version: '1.2.3',
              metadata: { 'discovery.origin': 'cloud-map:{stage}.test' },
            },
          ],
        });
      } finally {
        await kill();
      }
    });

    test('is enough for an Amplify app, a Lambda function and a router to call by name what only Cloud Map knows', async () => {
      const [{ options, register, kill }, backend] = await Promise.all([
        startCloudMap(emulator),
        startBackend('from Cloud Map'),
      ]);
      try {
        await register('dev', 'users', 'default', { url: backend.url });
        for (const call of [callByName, callFromLambda, callThroughRouter])
          expect(await call(createCloudMapSource(options), 'dev', 'users')).toBe('from Cloud Map');
      } finally {
        await Promise.all([kill(), backend.stop()]);
      }
    });

    test('a registration in a service that has gone fails, and is not taken for done', async () => {
      const { client, kill } = await startCloudMap(emulator);
      try {
        const call = { stage: 'dev', signal: new AbortController().signal };
        const registering = client.registerInstance('srv-gone', { id: 'default', attributes: { url: 'x' } }, call);
        await expect(registering).rejects.toMatchObject({ code: 'RegistryUnavailable' });
      } finally {
        await kill();
      }
    });

    test('lists namespaces and services once for all writes of a sync, and again once they are out of date', async () => {
      const { options, client, makeNamespace, kill } = await startCloudMap(emulator);
      try {
        await makeNamespace('dev');
        const actions: string[] = [];
        const counted: typeof fetch = async (url, init) => {
          actions.push(new Headers(init?.headers).get('x-amz-target')?.split('.')[1] ?? '');
          return options.fetch(url, init);
        };
        const target = createCloudMapTarget({ ...options, fetch: counted });
        const source = memorySource();
        const register = (service: string, port: number) =>
          source.register({ stage: 'dev', service, target: `https://${service}.example.com:${port}` });
        const call = { stage: 'dev', signal: new AbortController().signal };
        const sync = async () => {
          actions.splice(0);
          const sleep = async () => {};
          const result = await syncStage({ ...call, source, target, mark: 'blue', sleep, allowEmpty: true });
          return [result.written, result.removed, result.failed];
        };
        for (const service of ['a', 'b', 'c']) register(service, 8443);
        expect(await sync()).toEqual([3, 0, 0]);
        for (const service of ['a', 'b', 'c']) register(service, 9443);
        expect(await sync()).toEqual([3, 0, 0]);
        expect(actions.filter((action) => /^List(Namespaces|Services)$/.test(action))).toHaveLength(2);
        expect(actions.filter((action) => /^(GetInstance|RegisterInstance)$/.test(action))).toHaveLength(6);

        // Somebody removes a service, and makes another one, between the listing and the writes.
        const namespace = (await client.findNamespace(call)) as string;
        const { list } = target;
        target.list = async (...args) => {
          const listing = await list(...args);
          const services = await client.listServices(namespace, call);
          for (const service of services.filter(({ name }) => name === 'a')) {
            await client.deregisterInstance(service.id, 'default', call);
            await client.deleteService(service.id, call);
          }
          await client.createService(namespace, 'd', 'by hand', call);
          return listing;
        };
        for (const service of ['a', 'd']) register(service, 10443);
        expect(await sync()).toEqual([2, 0, 0]);
        expect((await list('dev', call)).objects.map(({ key }) => key).sort()).toEqual(
          ['a', 'b', 'c', 'd'].map((service) => `${service}/default`),
        );
      } finally {
        await kill();
      }
    });

    test('works as a role that is assumed, in another account too', async () => {
      const { options, client, makeNamespace, endpoint, kill } = await startCloudMap(emulator);
      try {
        await makeNamespace('dev');
        const found = assumeRole({
          roleArn: 'arn:aws:iam::123456789012:role/copies',
          sessionName: 'test',
          region: 'eu-west-1',
          credentials: async () => credentials,
          endpoint,
        });
        expect((await found()).sessionToken).toMatch(/\S/);
        expect((await found()).accessKeyId).not.toBe(credentials.accessKeyId);
        const call = { stage: 'dev', signal: new AbortController().signal };
        const list = createCloudMapTarget({ ...options, credentials: found }).list('dev', call);
        expect([(await list).objects, await client.findNamespace(call)]).toEqual([[], expect.any(String)]);
      } finally {
        await kill();
      }
    });

    test('removes the service that it made with its last copy, and no other', async () => {
      const { options, client, makeNamespace, register, kill } = await startCloudMap(emulator);
      try {
        await makeNamespace('dev');
        await register('dev', 'theirs', 'default', { url: 'https://theirs.example.com' });
        const target = createCloudMapTarget(options);
        const write = { stage: 'dev', mark: 'blue', signal: new AbortController().signal };
        const endpoint = { kind: 'rest', priority: 0, weight: 100, public: false, stage: 'dev', id: 'second' } as const;
        for (const service of ['ours', 'theirs']) {
          await target.put({ ...endpoint, service, target: 'https://x.example.com' }, write);
          await target.remove({ key: `${service}/second`, content: '', mark: 'blue' }, write);
        }
        const namespace = (await client.findNamespace(write)) as string;
        expect((await client.listServices(namespace, write)).map(({ name }) => name)).toEqual(['theirs']);
      } finally {
        await kill();
      }
    });
  });
}
