import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { announceStage, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { SignatureV4 } from '@smithy/signature-v4';
import { WebSocket } from 'ws';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';
import { openRegistry } from '../src/open-registry.ts';
import { serveConnection } from '../src/realtime/serve-connection.ts';
import { serveRealtime } from '../src/realtime/serve-realtime.ts';

let registry: LocalRegistry;
let sockets: WebSocket[];
beforeEach(async () => {
  registry = await startLocalRegistry({ openStages: ['dev', 'pr-*'] });
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await registry.stop();
});

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: {
    readonly data?: object;
    readonly errors?: readonly { readonly errorType: string; readonly message: string }[];
  };
}

const hostOf = () => new URL(registry.url).host;
const keyHeaders = () => ({ host: hostOf(), 'x-api-key': registry.apiKey });
const query = 'subscription ($stage: String!) { onStageChange(stage: $stage) { stage revision } }';
const makeData = (stage: unknown) => JSON.stringify({ query, variables: { stage } });
const encode = (header: object) => `header-${Buffer.from(JSON.stringify(header)).toString('base64url')}`;

/** A connection, and the messages that come over it one by one; keep-alives are left out. */
function open({
  header,
  url = `ws://127.0.0.1:${registry.port}/graphql/realtime`,
  protocols = ['graphql-ws', encode(header ?? keyHeaders())],
  headers,
}: {
  readonly header?: object;
  readonly url?: string;
  readonly protocols?: string[];
  readonly headers?: Record<string, string>;
} = {}) {
  const socket = new WebSocket(url, protocols, headers && { headers });
  sockets.push(socket);
  const received: Message[] = [];
  let wake = () => {};
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.type !== 'ka') received.push(message);
    wake();
  });
  socket.on('error', () => {});
  const send = (message: object) => socket.send(JSON.stringify(message));
  const connection = {
    socket,
    send,
    opened: once(socket, 'open'),
    closed: new Promise<number>((resolve) => socket.on('close', resolve)),
    async next(): Promise<Message> {
      while (!received[0]) await new Promise<void>((resolve) => (wake = resolve));
      return received.shift() as Message;
    },
    start: (stage: unknown, id = '1', authorization: object = keyHeaders(), data = makeData(stage)) =>
      send({ type: 'start', id, payload: { data, extensions: { authorization } } }),
    /** Opened, and acknowledged. */
    async ready() {
      await connection.opened;
      send({ type: 'connection_init' });
      expect(await connection.next()).toEqual({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
      return connection;
    },
  };
  connection.opened.catch(() => {});
  return connection;
}

const register = (service: string, stage = 'dev', target = 'https://users.example.com') =>
  registerEndpoint(sigv4Transport(registry), { stage, service, kind: 'rest', target, owner: 'stack-1' });

/** The status that the upgrade was refused with. */
async function getRefusal(connection: ReturnType<typeof open>): Promise<number | undefined> {
  const [, response] = (await once(connection.socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  return response.statusCode;
}

describe('a subscriber', () => {
  test('gets stage and revision of a change, once it can be read, and no more when it has stopped', async () => {
    const connection = await open().ready();
    connection.start('dev');
    expect(await connection.next()).toEqual({ type: 'start_ack', id: '1' });
    await register('users');
    expect(await connection.next()).toEqual({
      type: 'data',
      id: '1',
      payload: { data: { onStageChange: { stage: 'dev', revision: expect.any(String) } } },
    });
    connection.send({ type: 'stop', id: '1' });
    expect(await connection.next()).toEqual({ type: 'complete', id: '1' });
    await register('orders');
    connection.start('dev', '2');
    expect(await connection.next()).toEqual({ type: 'start_ack', id: '2' });
  });

  test('gets notices of its own stage alone', async () => {
    const connection = await open().ready();
    connection.start('dev');
    await connection.next();
    await register('users', 'pr-1');
    await register('users', 'dev');
    expect(await connection.next()).toMatchObject({ payload: { data: { onStageChange: { stage: 'dev' } } } });
  });

  test('gets what announceStage selects, as it asks for it', async () => {
    const connection = await open().ready();
    const data = JSON.stringify({ query: 'subscription { changed: onStageChange(stage: "dev") { revision } }' });
    connection.start('', '1', keyHeaders(), data);
    await connection.next();
    await announceStage(sigv4Transport(registry), 'dev', 'r-1');
    expect(await connection.next()).toMatchObject({ payload: { data: { changed: { revision: 'r-1' } } } });
  });

  test('may sign with IAM, for every stage', async () => {
    const signRequest = makeSigner();
    const connection = await open({ header: await signRequest('/graphql/connect', '{}') }).ready();
    const data = makeData('closed');
    connection.start('closed', '1', await signRequest('/graphql', data), data);
    expect(await connection.next()).toEqual({ type: 'start_ack', id: '1' });
  });
});

/** AWS's own signer, so that the check doesn't only fit ours. */
function makeSigner(): (path: string, body: string) => Promise<object> {
  const { credentials, region } = registry;
  const signer = new SignatureV4({ credentials, region, service: 'appsync', sha256: Sha256 });
  return async (path, body) => {
    const headers = {
      host: hostOf(),
      'content-encoding': 'amz-1.0',
      'content-type': 'application/json; charset=UTF-8',
    };
    const request = { method: 'POST', protocol: 'http:', hostname: '127.0.0.1', path, headers, body };
    return (await signer.sign(request)).headers;
  };
}

describe('is refused:', () => {
  test.each([
    ['a wrong API key', () => ({ ...keyHeaders(), 'x-api-key': 'da2-wrong' })],
    ['no credentials', () => ({ host: hostOf() })],
    ['another host', () => ({ ...keyHeaders(), host: 'registry.example.com' })],
    ['an unsigned Authorization', () => ({ host: hostOf(), Authorization: 'Bearer x' })],
    ['a header that is null', () => null as unknown as object],
    ['a header that is not text', () => ({ ...keyHeaders(), host: { toString: 1, valueOf: 1 } })],
  ])('a connection with %s', async (_, makeHeader) => {
    const connection = open({ protocols: ['graphql-ws', encode(makeHeader())] });
    await connection.opened;
    connection.send({ type: 'connection_init' });
    expect(await connection.next()).toMatchObject({ type: 'connection_error', payload: { errors: [{}] } });
    expect(await connection.closed).toBe(1008);
    expect(registry.requests).toEqual({ denied: 1 });
  });

  test('an unsigned start over a connection that is in order', async () => {
    const connection = await open().ready();
    connection.start('dev', '1', { host: hostOf() });
    expect(await connection.next()).toMatchObject({
      type: 'error',
      id: '1',
      payload: { errors: [{ errorType: 'UnauthorizedException' }] },
    });
  });

  test('a stage that is not open to API keys, and one that is not a name', async () => {
    const connection = await open().ready();
    for (const [stage, errorType] of [
      ['closed', 'Unauthorized'],
      ['#rules', 'InvalidOptions'],
      ['', 'InvalidOptions'],
    ]) {
      connection.start(stage);
      expect(await connection.next()).toMatchObject({ type: 'error', payload: { errors: [{ errorType }] } });
    }
  });

  test.each([
    ['a query', JSON.stringify({ query: '{ stages { stages } }' })],
    ['a mutation', JSON.stringify({ query: 'mutation { removeRule(kind: freeze, name: "x") }' })],
    ['no JSON', '{'],
    ['no subscription of the schema', JSON.stringify({ query: 'subscription { onEverything { stage } }' })],
  ])('%s', async (_, data) => {
    const connection = await open().ready();
    connection.start('', '1', keyHeaders(), data);
    expect(await connection.next()).toMatchObject({ type: 'error', id: '1' });
  });

  test('an id that is in use, or is not text', async () => {
    const connection = await open().ready();
    connection.start('dev');
    connection.start('dev');
    connection.start('dev', 5 as unknown as string);
    expect(await connection.next()).toMatchObject({ type: 'start_ack' });
    expect(await connection.next()).toMatchObject({ type: 'error', id: '1' });
    expect(await connection.next()).toMatchObject({ type: 'error', id: 5 });
  });

  test('more than 200 subscriptions, and the first 200 stay', async () => {
    const connection = await open().ready();
    for (let id = 0; id < 200; id++) connection.start('dev', `${id}`);
    for (let id = 0; id < 200; id++) expect((await connection.next()).type).toBe('start_ack');
    connection.start('dev', '200');
    expect(await connection.next()).toMatchObject({
      payload: { errors: [{ errorType: 'MaxSubscriptionsReachedError' }] },
    });
    await register('users');
    expect((await connection.next()).type).toBe('data');
  });

  test('another path, and another protocol', async () => {
    expect(await getRefusal(open({ url: `ws://127.0.0.1:${registry.port}/graphql` }))).toBe(404);
    expect(await getRefusal(open({ protocols: ['graphql-transport-ws'] }))).toBe(400);
  });

  test.each([
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['a name that a foreign site points here', { host: 'evil.example' }, 403],
  ])('%s', async (_, headers, status) => {
    expect(await getRefusal(open({ headers }))).toBe(status);
    expect(registry.requests).toEqual({ denied: 1 });
  });
});

describe('does no harm:', () => {
  test.each([
    ['a message of more than 240 KB', (socket: WebSocket) => socket.send('x'.repeat(240 * 1024 + 1)), 1009],
    ['a message that is not JSON', (socket: WebSocket) => socket.send('{'), 1008],
    ['null', (socket: WebSocket) => socket.send('null'), 1008],
    ['bytes', (socket: WebSocket) => socket.send(Buffer.from('{}')), 1008],
  ])('%s ends the connection, and others stay', async (_, attack, code) => {
    const other = await open().ready();
    other.start('dev');
    await other.next();
    const connection = await open().ready();
    attack(connection.socket);
    expect(await connection.closed).toBe(code);
    await register('users');
    expect((await other.next()).type).toBe('data');
  });

  test('a flood of messages gets 200 subscriptions, and others stay', async () => {
    const other = await open().ready();
    other.start('dev');
    await other.next();
    const connection = await open().ready();
    for (let id = 0; id < 5000; id++) connection.start('dev', `${id}`);
    await register('users');
    expect((await other.next()).type).toBe('data');
    expect(registry.requests.onStageChange).toBeLessThanOrEqual(201);
  });

  test('one that doesn’t wait for answers is closed', async () => {
    const ended: string[] = [];
    const { receive } = serveConnection({
      registry: { subscribe: () => new Promise(() => {}), add: () => () => {} },
      authorization: { mode: 'apiKey' },
      authorize: () => ({ mode: 'apiKey' }),
      onRequest: () => {},
      send: () => {},
      countUnsent: () => 0,
      end: () => ended.push('end'),
      cut: () => ended.push('cut'),
    });
    const start = JSON.stringify({ type: 'start', id: '1', payload: { data: makeData('dev') } });
    for (let count = 0; count < 400; count++) expect(receive(start)).toBe(true);
    expect(receive(start)).toBe(false);
    expect(ended).toEqual(['end']);
  });

  test('one that doesn’t read is cut off', async () => {
    const ended: string[] = [];
    let deliver: (event: object) => void = () => {};
    const { receive, close } = serveConnection({
      registry: {
        subscribe: async () => ({ field: 'onStageChange', args: {}, render: async (event) => event }),
        add: (_, handle) => {
          deliver = handle;
          return () => ended.push('removed');
        },
      },
      authorization: { mode: 'apiKey' },
      authorize: () => ({ mode: 'apiKey' }),
      onRequest: () => {},
      send: () => {},
      countUnsent: () => 2 ** 20 + 1,
      end: () => ended.push('end'),
      cut: () => ended.push('cut'),
    });
    receive(JSON.stringify({ type: 'start', id: '1', payload: { data: makeData('dev') } }));
    await new Promise((resolve) => setImmediate(resolve));
    deliver({});
    close();
    expect(ended).toEqual(['cut', 'removed']);
  });

  test('an unknown message is answered', async () => {
    const connection = await open().ready();
    connection.send({ type: 'constructor' });
    expect(await connection.next()).toMatchObject({ type: 'error' });
  });

  test('a connection that asks for nothing is cut off', async () => {
    const opened = await openRegistry();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const credentials = { ...registry.credentials, apiKey: 'k', region: 'us-east-1', apiKeyExpiresAt: Infinity };
    const realtime = serveRealtime(server, {
      registry: opened,
      credentials,
      now: Date.now,
      onRequest: () => {},
      idleMs: 1,
    });
    const connection = open({ url: `ws://127.0.0.1:${port}/graphql/realtime` });
    expect(await connection.closed).toBe(1006);
    realtime.close();
    await new Promise((resolve) => server.close(resolve));
    await opened.close();
  });

  test('a registry stops while connections are open, half open, and refused', async () => {
    const connection = await open().ready();
    const half = connect(registry.port, '127.0.0.1');
    half.on('error', () => {});
    await once(half, 'connect');
    half.write(
      'GET /graphql/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    await once(half, 'data');
    await registry.stop();
    expect(await connection.closed).toBe(1006);
    half.destroy();
  });
});

test('an expired key opens nothing, as over HTTP', async () => {
  await registry.stop();
  registry = await startLocalRegistry({ apiKeyExpiresAt: 1 });
  const connection = open();
  await connection.opened;
  connection.send({ type: 'connection_init' });
  expect(await connection.next()).toMatchObject({ type: 'connection_error' });
});

test('a change without subscribers reads nothing more, and many at once end with the last', async () => {
  const connection = await open().ready();
  connection.start('dev');
  await connection.next();
  const targets = Array.from({ length: 20 }, (_, index) => `https://v${index}.example.com`);
  await Promise.all(targets.map((target, index) => register(`service-${index}`, 'dev', target)));
  const response = await fetch(registry.url, {
    method: 'POST',
    headers: { ...keyHeaders(), host: hostOf(), 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ snapshot(stage: "dev") { revision } }' }),
  });
  const { data } = (await response.json()) as { data: { snapshot: { revision: string } } };
  for (;;) {
    const { payload } = await connection.next();
    if (JSON.stringify(payload).includes(data.snapshot.revision)) break;
  }
});
