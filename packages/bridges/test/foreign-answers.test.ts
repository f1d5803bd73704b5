import { expect, test } from '@jest/globals';
import { isDiscoveryError, parseEndpoint, type Source } from '@amplify-discovery/core';
import fc from 'fast-check';
import {
  createCloudMapSource,
  createConsulTarget,
  createEtcdSource,
  createEtcdTarget,
  createEurekaSource,
  createKubernetesSource,
  createKubernetesTarget,
  createRoute53Target,
  type Target,
} from '../src/index.ts';

const stage = 'dev';
const signal = new AbortController().signal;
const url = 'http://127.0.0.1:8500';
const credentials = { accessKeyId: 'a', secretAccessKey: 's' };

/** The names that answers of the system have, so that what stands in their place gets far. */
const words = {
  etcd: ['kvs', 'key', 'value', 'header', 'revision', 'mod_revision', 'more', 'count', 'succeeded', 'message'],
  eureka: ['applications', 'application', 'name', 'instance', 'app', 'status', 'metadata', 'url', 'securePort', '$'],
  kubernetes: [
    'items',
    'metadata',
    'name',
    'annotations',
    'amplify-discovery/service',
    'spec',
    'rules',
    'host',
    'data',
    'labels',
    'message',
    'continue',
  ],
  route53: [
    'ListResourceRecordSetsResponse',
    'ResourceRecordSets',
    'ResourceRecordSet',
    'Name',
    'Type',
    'TTL',
    'ResourceRecords',
    'ResourceRecord',
    'Value',
    'IsTruncated',
    'GetHostedZoneResponse',
    'HostedZone',
    'ErrorResponse',
    'Error',
    'Code',
    'Message',
    'InvalidChangeBatch',
    'Messages',
  ],
};

/** Anything that JSON can say. */
const anyValue = (names: readonly string[]) =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, 0, '', 'UP', 'users', 'false', 'dev.example.com.', 'https://users.example.com'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, 'toString', '__proto__'), tie('value'), { maxKeys: 6 }),
    ),
  })).value;

/** The same in XML. */
function renderXml(value: unknown): string {
  if (Array.isArray(value)) return value.map(renderXml).join('');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `<${name}>${renderXml(inner)}</${name}>`)
    .join('');
}

const systems: readonly {
  readonly name: keyof typeof words;
  readonly createSource?: (fetch: typeof globalThis.fetch) => Source;
  readonly createTarget?: (fetch: typeof globalThis.fetch) => Target;
}[] = [
  {
    name: 'etcd',
    createSource: (fetch) => createEtcdSource({ url, fetch }),
    createTarget: (fetch) => createEtcdTarget({ url, fetch }),
  },
  { name: 'eureka', createSource: (fetch) => createEurekaSource({ url, fetch }) },
  {
    name: 'kubernetes',
    createSource: (fetch) => createKubernetesSource({ url, fetch, findToken: async () => 't' }),
    createTarget: (fetch) => createKubernetesTarget({ url, fetch, findToken: async () => 't' }),
  },
  {
    name: 'route53',
    createTarget: (fetch) =>
      createRoute53Target({ hostedZoneId: 'Z1', credentials, fetch, sleep: async () => {}, now: () => 0 }),
  },
];

test.each(systems)('whatever answers in the place of $name, there is a result or an error of ours', async (system) => {
  const { name, createSource, createTarget } = system;
  const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, stage);
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyValue(words[name]), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(200, 200, 400, 409),
      async (answers, status) => {
        let asked = 0;
        const fetch = async () => {
          const answer = answers[asked++ % answers.length];
          return new Response(name === 'route53' ? renderXml(answer) : JSON.stringify(answer), { status });
        };
        const target = createTarget?.(fetch);
        const calls = [
          () => createSource?.(fetch).load({ stage, signal }),
          () => target?.list(stage, { signal }),
          () => target?.put(endpoint, { stage, mark: 'blue', signal }),
          () => target?.remove({ key: 'users/default', content: '' }, { stage, mark: 'blue', signal }),
          () => target?.statuses?.list(stage, { signal }),
        ];
        for (const call of calls) {
          try {
            await call();
          } catch (error) {
            expect([isDiscoveryError(error), error]).toEqual([true, error]);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.each<[string, (next: string) => string, (fetch: typeof globalThis.fetch) => Promise<unknown>]>([
  [
    'Kubernetes',
    (next) => JSON.stringify({ items: [], metadata: { continue: next } }),
    (fetch) => createKubernetesSource({ url, fetch, findToken: async () => 't' }).load({ stage, signal }),
  ],
  [
    'Cloud Map',
    (next) => JSON.stringify({ Namespaces: [], NextToken: next }),
    (fetch) =>
      createCloudMapSource({ namespace: 'apps', region: 'eu-west-1', credentials, fetch }).load({ stage, signal }),
  ],
  [
    'Route 53',
    (next) =>
      `<ListResourceRecordSetsResponse><IsTruncated>true</IsTruncated><NextRecordName>${next}.dev.example.com.</NextRecordName>` +
      '<NextRecordType>TXT</NextRecordType></ListResourceRecordSetsResponse>',
    (fetch) => {
      const zone = '<GetHostedZoneResponse><HostedZone><Name>example.com.</Name></HostedZone></GetHostedZoneResponse>';
      const orZone: typeof fetch = async (input) =>
        String(input).includes('/rrset') ? fetch(input) : new Response(zone);
      const options = { hostedZoneId: 'Z1', credentials, fetch: orZone, sleep: async () => {}, now: () => 0 };
      return createRoute53Target(options).list(stage, { signal });
    },
  ],
])('a server in the place of %s whose pages lead in a circle is not read for ever', async (_, renderPage, read) => {
  let asked = 0;
  const reading = read(async () => new Response(renderPage(['first', 'second', 'third'][asked++ % 3] ?? '')));
  await expect(reading).rejects.toMatchObject({
    code: 'RegistryUnavailable',
    stage,
    message: expect.stringMatching(/^"dev" in .*has pages without an end$/),
  });
  expect(asked).toBeLessThan(6);
});

test.each<[string, () => Promise<unknown> | undefined]>([
  [
    'a name with elements in it, of Route 53',
    () => {
      const zone = '<GetHostedZoneResponse><HostedZone><Name>example.com.</Name></HostedZone></GetHostedZoneResponse>';
      const set = '<ResourceRecordSet><Name><a>1</a></Name><Type>TXT</Type></ResourceRecordSet>';
      const sets = `<ListResourceRecordSetsResponse><ResourceRecordSets>${set}</ResourceRecordSets></ListResourceRecordSetsResponse>`;
      const fetch = async (input: unknown) => new Response(String(input).includes('/rrset') ? sets : zone);
      return createRoute53Target({ hostedZoneId: 'Z1', credentials, fetch, sleep: async () => {} }).list(stage, {
        signal,
      });
    },
  ],
  [
    'a message without a text form, of Consul',
    () => {
      const fetch = async (input: unknown) =>
        String(input).includes('/txn')
          ? Response.json({ Errors: [{ What: { toString: 1, valueOf: 1 } }] }, { status: 409 })
          : Response.json(null);
      const endpoint = parseEndpoint({ service: 'users', target: 'https://users.example.com' }, stage);
      return createConsulTarget({ url, fetch }).put(endpoint, { stage, mark: 'blue', signal });
    },
  ],
  [
    'JSON of another server in the place of etcd',
    () => createEtcdSource({ url, fetch: async () => Response.json({ message: 'It works!' }) }).load({ stage, signal }),
  ],
])('%s, is an error of ours', async (_, call) => {
  const error: unknown = await Promise.resolve(call()).catch((caught: unknown) => caught);
  expect([isDiscoveryError(error), error]).toEqual([true, error]);
});
