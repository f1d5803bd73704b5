import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { listOpenApiServers, planCatalog, selectCatalogEndpoints } from '../src/catalog/index.ts';
import { publishCatalog } from '../src/catalog/publish-catalog.ts';
import { publishStage } from '../src/publish/publish-stage.ts';
import { createS3ObjectStore } from '../src/store/create-s3-object-store.ts';

const url = 'https://api.example.com';
const ajv = new Ajv({ strict: false, formats: { uri: (text: string) => URL.canParse(text) } });
const isMcpServer = ajv.compile(
  JSON.parse(readFileSync('packages/publisher/test/schemas/mcp-server.2025-12-11.schema.json', 'utf8')) as object,
);
/** ServerList of the MCP registry's openapi.yaml, version 2025-12-01. */
const isMcpList = ajv.compile({
  type: 'object',
  required: ['servers'],
  properties: {
    servers: {
      type: 'array',
      items: {
        type: 'object',
        required: ['server'],
        properties: { server: { type: 'object' }, _meta: { type: 'object' } },
      },
    },
    metadata: { type: 'object', properties: { nextCursor: { type: 'string' }, count: { type: 'integer' } } },
  },
});
/** RFC 9264, section 4.2: contexts with an anchor, in which everything else is a relation with targets. */
const isLinkset = ajv.compile({
  type: 'object',
  required: ['linkset'],
  additionalProperties: false,
  properties: {
    linkset: {
      type: 'array',
      items: {
        type: 'object',
        properties: { anchor: { type: 'string', format: 'uri' } },
        additionalProperties: {
          type: 'array',
          items: {
            type: 'object',
            required: ['href'],
            additionalProperties: false,
            properties: {
              href: { type: 'string', format: 'uri' },
              title: { type: 'string' },
              type: { type: 'string', pattern: '^[\\w.+-]+/[\\w.+-]+$' },
            },
          },
        },
      },
    },
  },
});

const record = (service: string, more: Record<string, unknown> = {}) => ({
  service,
  kind: 'http',
  target: `https://${service}.example.com/prod`,
  public: true,
  ...more,
});
const plan = (records: readonly unknown[], now = 0) => {
  const { files, skipped } = planCatalog({ stage: 'prod', records, url, now });
  const [catalog, mcp] = files.map(({ text }) => JSON.parse(text));
  return { catalog, mcp, files, skipped };
};

describe('the API catalog', () => {
  test('has each API as an item, and the links that its metadata names, as RFC 9727 has it', () => {
    const { catalog, files } = plan([
      record('users', {
        metadata: { 'service-desc': 'https://docs.example.com/users.yaml', 'service-doc': 'https://docs.example.com/' },
      }),
      record('orders'),
      record('orders', { id: 'second' }),
    ]);
    expect(files[0]).toMatchObject({
      path: '.well-known/api-catalog',
      contentType: 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
    });
    expect(catalog).toEqual({
      linkset: [
        {
          anchor: 'https://api.example.com/.well-known/api-catalog',
          item: [
            { href: 'https://orders.example.com/prod', title: 'orders' },
            { href: 'https://users.example.com/prod', title: 'users' },
          ],
        },
        {
          anchor: 'https://users.example.com/prod',
          'service-desc': [{ href: 'https://docs.example.com/users.yaml' }],
          'service-doc': [{ href: 'https://docs.example.com/' }],
        },
      ],
    });
  });

  test('an agent links to its own card, where A2A has it or where its metadata says', () => {
    const card = 'https://cards.example.com/planner.json';
    const { catalog } = plan([
      record('clerk', { metadata: { protocol: 'a2a' } }),
      record('planner', { metadata: { protocol: 'a2a', 'service-desc': card } }),
    ]);
    expect(catalog.linkset.slice(1)).toEqual([
      {
        anchor: 'https://clerk.example.com/prod',
        'service-desc': [{ href: 'https://clerk.example.com/.well-known/agent-card.json', type: 'application/json' }],
      },
      { anchor: 'https://planner.example.com/prod', 'service-desc': [{ href: card }] },
    ]);
  });

  test.each([
    'javascript:alert(1)',
    'http://docs.example.com',
    '/users.yaml',
    'https://me:secret@docs.example.com',
    '',
  ])('a link that is not to a secure page is left out: %s', (link) => {
    expect(plan([record('users', { metadata: { 'service-doc': link } })]).catalog.linkset).toHaveLength(1);
  });

  test('shows only what is public and takes calls from everyone, and says what it skipped, never what is private', () => {
    const { catalog, skipped } = plan(
      [
        record('users'),
        record('hidden', { public: false }),
        record('unmarked', { public: undefined }),
        record('job', { kind: 'function', target: 'arn:aws:lambda:eu-west-1:111122223333:function:job' }),
        record('local', { target: 'http://127.0.0.1:3000' }),
        record('own', { tenant: 'acme' }),
        record('resting', { weight: 0 }),
        record('preview', { expiresAt: 1000 }),
        record('broken', { target: 'nonsense' }),
      ],
      1000,
    );
    expect(catalog.linkset[0].item).toEqual([{ href: 'https://users.example.com/prod', title: 'users' }]);
    expect(skipped).toEqual([
      { service: 'job', id: 'default', reason: 'it is called by its ARN' },
      { service: 'local', id: 'default', reason: 'its URL is not secure' },
      { service: 'own', id: 'default', reason: "it is one tenant's own" },
      { service: 'resting', id: 'default', reason: 'its weight is 0' },
      { service: 'preview', id: 'default', reason: 'it has expired' },
      { service: 'broken', id: 'default', reason: 'Endpoint of "broken" in "prod": bad target' },
    ]);
  });
});

describe('the list of an MCP registry', () => {
  const metadata = { protocol: 'mcp' };

  test('has a server for each version, with its endpoints as remotes', () => {
    const { mcp, files } = plan([
      record('orders', { version: '1.2.0', metadata: { ...metadata, title: 'Orders', description: 'Places orders.' } }),
      record('orders', { id: 'us', version: '1.2.0', target: 'https://us.example.com/mcp', metadata }),
      record('orders', { id: 'next', version: '2.0.0', target: 'https://next.example.com/mcp', metadata }),
      record('users', { version: '1.0.0' }),
    ]);
    expect(files[1]).toMatchObject({ path: 'v0.1/servers', contentType: 'application/json' });
    const $schema = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';
    const remote = (at: string) => ({ type: 'streamable-http', url: at });
    expect(mcp).toEqual({
      servers: [
        {
          server: {
            $schema,
            name: 'com.example.api/orders',
            title: 'Orders',
            description: 'Places orders.',
            version: '1.2.0',
            remotes: [remote('https://orders.example.com/prod'), remote('https://us.example.com/mcp')],
          },
        },
        {
          server: {
            $schema,
            name: 'com.example.api/orders',
            description: 'MCP server "orders" of stage prod',
            version: '2.0.0',
            remotes: [remote('https://next.example.com/mcp')],
          },
        },
      ],
      metadata: { count: 2 },
    });
  });

  test('skips what the format has no place for, and says why', () => {
    const { mcp, skipped } = plan([
      record('orders', { metadata }),
      record('feed', { kind: 'websocket', target: 'wss://feed.example.com', version: '1.0.0', metadata }),
    ]);
    expect(mcp).toEqual({ servers: [], metadata: { count: 0 } });
    expect(skipped).toEqual([
      { service: 'feed', id: 'default', reason: 'MCP is spoken over HTTP: it is registered as websocket' },
      { service: 'orders', id: 'default', reason: 'an MCP server needs a version: register it with one' },
    ]);
  });
});

test('whatever a record says, the files keep to their schemas and do not depend on the order of records', () => {
  const names = fc.oneof(
    fc.stringMatching(/^[\w-][\w.-]{0,127}$/),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '\u202eevil',
      '</script><script>',
      '"}],"servers":[',
      'https://docs.example.com/{x}?a="b',
      'a2a',
      'mcp',
    ),
  );
  const keys = fc.constantFrom(
    'protocol',
    'title',
    'description',
    'service-desc',
    'service-doc',
    'status',
    '__proto__',
  );
  const records = fc.array(
    fc.record({
      service: names,
      id: names,
      kind: fc.constantFrom('rest', 'http', 'graphql', 'websocket'),
      target: fc.constantFrom(
        'https://a.example.com/mcp',
        "https://b.example.com/(x)'*;,",
        'https://[2001:db8::1]:8443',
      ),
      public: fc.boolean(),
      version: fc.option(fc.constantFrom('1.0.0', '2.0.0-rc.1+x'), { nil: undefined }),
      metadata: fc.dictionary(keys, texts).map((entries) => ({ protocol: 'mcp', ...entries })),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(records, (given) => {
      const { catalog, mcp, files } = plan(given);
      if (!isLinkset(catalog)) throw new Error(ajv.errorsText(isLinkset.errors));
      if (!isMcpList(mcp)) throw new Error(ajv.errorsText(isMcpList.errors));
      for (const { server } of mcp.servers as { server: { title?: string; description: string } }[]) {
        if (!isMcpServer(server)) throw new Error(ajv.errorsText(isMcpServer.errors));
        expect(`${server.title} ${server.description}`).not.toMatch(/\p{C}/u);
      }
      const unique = new Map(given.map((one) => [`${one.service}#${one.id}`, one]));
      const forth = [...unique.values()];
      expect(plan(forth).files).toEqual(plan([...forth].reverse()).files);
      expect(files.map(({ path }) => path)).toEqual(['.well-known/api-catalog', 'v0.1/servers']);
    }),
  );
});

test('the servers of an OpenAPI description are those of one service, the ones that serve first at the front', () => {
  const { endpoints } = selectCatalogEndpoints(
    [
      record('orders', { id: 'backup', priority: 10, target: 'https://backup.example.com' }),
      record('orders', { version: '1.2.0' }),
      record('users'),
    ],
    'prod',
    0,
  );
  expect(listOpenApiServers(endpoints, 'orders')).toEqual([
    { url: 'https://orders.example.com/prod', description: 'prod, 1.2.0' },
    { url: 'https://backup.example.com', description: 'prod, backup' },
  ]);
});

test('the servers of preferred regions come first, whatever their priorities', () => {
  const place = (region: string, priority: number) =>
    record('orders', { id: region, region, priority, target: `https://${region}.example.com` });
  const { endpoints } = selectCatalogEndpoints(
    [place('sa-east-1', 0), place('us-east-1', 1), place('eu-west-1', 2), place('ap-south-1', 3)],
    'prod',
    0,
  );
  const servers = listOpenApiServers(endpoints, 'orders', { prefer: ['eu-west-1', 'us-east-1'] });
  expect(servers.map(({ description }) => description.slice('prod, '.length))).toEqual([
    'eu-west-1',
    'us-east-1',
    'sa-east-1',
    'ap-south-1',
  ]);
});

describe('in the bucket', () => {
  let s3: TinyS3;
  beforeEach(async () => {
    s3 = await startTinyS3();
  });
  afterEach(() => s3.stop());

  const start = () => {
    const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
    const store = createS3ObjectStore({ bucket: 'b', region: 'eu-west-1', endpoint: s3.url, credentials });
    let endpoints: readonly unknown[] = [];
    let revision = 0;
    const source = { name: 'table', load: async () => ({ revision: String(revision), endpoints }) };
    return {
      store,
      publish: (openStages?: readonly string[]) => publishStage('prod', { source, store, prefix: 'live/', openStages }),
      publishFiles: () => publishCatalog({ stage: 'prod', url, store, prefix: 'live/' }),
      change(records: readonly unknown[]) {
        endpoints = records;
        revision += 1;
      },
    };
  };
  const read = (path: string) => {
    const version = s3.versionsOf(`/b/live/catalog/${path}`).at(-1);
    return { headers: version?.headers, value: JSON.parse(String(brotliDecompressSync(version?.bytes as Buffer))) };
  };

  test('the files follow the public snapshot, with their own types, and are written only when they change', async () => {
    const { publish, publishFiles, change } = start();
    change([record('users'), record('hidden', { public: false })]);
    await publish();
    expect(await publishFiles()).toEqual({
      catalog: 'prod',
      written: ['.well-known/api-catalog', 'v0.1/servers'],
      skipped: [],
    });
    expect(await publishFiles()).toMatchObject({ written: [] });
    const { headers, value } = read('.well-known/api-catalog');
    expect(headers).toMatchObject({
      'content-type': 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
      'cache-control': expect.stringContaining('s-maxage=30'),
    });
    expect(value.linkset[0].item).toHaveLength(1);
    expect(read('v0.1/servers').headers).toMatchObject({ 'content-type': 'application/json' });
    change([]);
    await publish();
    expect(await publishFiles()).toMatchObject({ written: ['.well-known/api-catalog'] });
    expect(read('.well-known/api-catalog').value.linkset[0].item).toEqual([]);
  });

  test('a stage that is not open, or not published yet, shows nothing', async () => {
    const { publish, publishFiles, change } = start();
    change([record('users')]);
    await publishFiles();
    expect(read('.well-known/api-catalog').value.linkset[0].item).toEqual([]);
    await publish(['dev']);
    expect(await publishFiles()).toMatchObject({ written: [], skipped: [] });
  });

  test('a publisher that is overtaken reads again, so the newer state stays', async () => {
    const { store, publish, publishFiles, change } = start();
    change([record('users')]);
    await publish();
    let overtake: (() => Promise<unknown>) | undefined = async () => {
      change([record('users'), record('orders')]);
      await publish();
      await publishFiles();
    };
    const slow = {
      ...store,
      async put(...words: Parameters<typeof store.put>) {
        const first = overtake;
        overtake = undefined;
        await first?.();
        return store.put(...words);
      },
    };
    await publishCatalog({ stage: 'prod', url, store: slow, prefix: 'live/' });
    expect(read('.well-known/api-catalog').value.linkset[0].item).toHaveLength(2);
  });
});
