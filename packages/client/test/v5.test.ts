import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Amplify } from 'aws-amplify';
import { discover } from '../src/index.ts';
import { API, graphqlOperation } from '../src/v5-graphql.ts';
import { unrefTimers } from './differential/unref-timers.ts';
import { memoryStorage, startBackend, startEnvironment, type Backend, type Environment } from './start-environment.ts';

let environment: Environment;
let users: Backend;

beforeAll(async () => {
  environment = await startEnvironment();
  users = await environment.startService('users', ({ url }) => {
    if (url.startsWith('/empty')) return { status: 204, body: '' };
    if (url.startsWith('/text')) return { body: 'plain' };
    if (url.startsWith('/missing')) return { status: 404, body: { reason: 'no such user' } };
    if (url.startsWith('/silent')) return null;
    if (url.startsWith('/broken')) return { status: 503, body: 'try later' };
    return undefined;
  });
  Amplify.configure(await discover(environment.outputs, { storage: memoryStorage() }));
});
afterAll(() => environment.stop());
beforeEach(() => void users.requests.splice(0));

let stopListening = () => {};

/** As `gql` makes it of `subscription { onUser }`. */
const subscriptionDefinition = {
  kind: 'OperationDefinition',
  operation: 'subscription',
  variableDefinitions: [],
  directives: [],
  selectionSet: {
    kind: 'SelectionSet',
    selections: [{ kind: 'Field', name: { kind: 'Name', value: 'onUser' }, arguments: [], directives: [] }],
  },
};

/** As much of AppSync's realtime protocol as one message takes. Node 20 has no WebSocket, and Amplify wants TLS. */
class FakeSocket {
  static count = 0;
  static payload: object;
  /** Resolves once Amplify has closed the socket, a second after the last subscription: until then it keeps timers. */
  static closed: Promise<void>;
  readonly readyState = 1;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  close!: () => void;
  constructor() {
    FakeSocket.count++;
    FakeSocket.closed = new Promise((resolve) => (this.close = resolve));
    setImmediate(() => this.onopen?.());
  }
  send(text: string): void {
    const { type, id } = JSON.parse(text) as { type: string; id?: string };
    const answers: Record<string, object[]> = {
      connection_init: [{ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } }],
      start: [
        { type: 'start_ack', id },
        { type: 'data', id, payload: FakeSocket.payload },
      ],
    };
    for (const answer of answers[type] ?? []) setImmediate(() => this.onmessage?.({ data: JSON.stringify(answer) }));
  }
}

function installRealtime(payload: object): () => void {
  const { WebSocket: before } = globalThis as { WebSocket?: unknown };
  const restoreTimers = unrefTimers();
  FakeSocket.count = 0;
  FakeSocket.payload = payload;
  Object.assign(globalThis, { WebSocket: FakeSocket });
  return () => {
    Object.assign(globalThis, { WebSocket: before });
    restoreTimers();
  };
}

describe('API in the shape of v5', () => {
  test('resolves with the parsed data', async () => {
    expect(await API.get('users', '/users')).toEqual({ name: 'users' });
  });

  test('resolves with text if the answer is not JSON, and with "" if it is empty', async () => {
    expect(await API.get('users', '/text')).toBe('plain');
    expect(await API.del('users', '/empty')).toBe('');
  });

  test('resolves with the whole response when asked to', async () => {
    expect(await API.get('users', '/users', { response: true })).toMatchObject({
      data: { name: 'users' },
      status: 200,
      headers: { 'content-type': 'application/json' },
    });
  });

  test('reads text and blobs when asked to', async () => {
    expect(await API.get('users', '/users', { responseType: 'text' })).toBe('{"name":"users"}');
    const blob = await API.get<Blob>('users', '/users', { responseType: 'blob' });
    expect(await blob.text()).toBe('{"name":"users"}');
  });

  test.each([
    ['/users?page=1', { id: [1, 2], q: 'a b' }, '/users?page=1&id=1&id=2&q=a%20b'],
    ['/users?page=1&id=7', { page: 2 }, '/users?page=2&id=7'],
    ['/users', { none: undefined, nil: null, no: NaN, flag: false }, '/users?none=&nil=&no=&flag=false'],
    ['', { a: 1 }, '/?a=1'],
    ['?a=1', null, '/?a=1'],
    ['/users?a=1#part', { b: 2 }, '/users?a=1&b=2'],
  ])('sends the query of %j with %j as v5 does', async (path, queryStringParameters, url) => {
    await API.get('users', path, { queryStringParameters });
    expect(users.requests[0]?.url).toBe(url);
  });

  test('takes null for init, headers and query', async () => {
    await API.get('users', '/users', null);
    await API.get('users', '/users', { headers: null, queryStringParameters: null });
    expect(users.requests.map(({ url }) => url)).toEqual(['/users', '/users']);
  });

  test('keeps the caller’s content type', async () => {
    await API.post('users', '/users', { headers: { 'Content-Type': 'text/plain' }, body: 'text' });
    expect(users.requests[0]).toMatchObject({ headers: { 'content-type': 'text/plain' }, body: '"text"' });
  });

  test('leaves out headers that are undefined, null or false', async () => {
    await API.get('users', '/users', { headers: { 'x-a': undefined, 'x-b': null, 'x-c': false, 'x-d': 1 } });
    expect(users.requests[0]?.headers).toMatchObject({ 'x-d': '1' });
    expect(Object.keys(users.requests[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['x-a', 'x-b', 'x-c']));
  });

  test.each(['post', 'put', 'patch', 'del', 'head'] as const)('%s sends its method, body and headers', async (verb) => {
    await API[verb]('users', '/users', { ...(verb !== 'head' && { body: { a: 1 } }), headers: { 'x-trace': '1' } });
    const [request] = users.requests;
    expect(request?.method).toBe(verb === 'del' ? 'DELETE' : verb.toUpperCase());
    expect(request?.headers['x-trace']).toBe('1');
    if (verb !== 'head') expect(request?.body).toBe('{"a":1}');
  });

  test('rejects with response.status, response.data and a code', async () => {
    await expect(API.get('users', '/missing')).rejects.toMatchObject({
      message: 'Request failed with status code 404',
      code: 'ERR_BAD_REQUEST',
      response: { status: 404, data: { reason: 'no such user' } },
    });
  });

  test('makes one attempt', async () => {
    await expect(API.get('users', '/broken')).rejects.toMatchObject({ response: { status: 503, data: 'try later' } });
    expect(users.requests).toHaveLength(1);
  });

  test('rejects with the string that v5 has for an unknown name', async () => {
    await expect(API.get('nobody', '/')).rejects.toBe('API nobody does not exist');
  });

  test('rejects with "Network Error" where nothing answers', async () => {
    await environment.register('gone', 'http://127.0.0.1:9');
    Amplify.configure(await discover(environment.outputs, { storage: memoryStorage() }));
    await expect(API.get('gone', '/')).rejects.toMatchObject({ message: 'Network Error', code: 'ERR_NETWORK' });
  });

  test('says how long it has waited', async () => {
    await expect(API.get('users', '/silent', { timeout: 20 })).rejects.toMatchObject({
      message: 'timeout of 20ms exceeded',
      code: 'ECONNABORTED',
    });
  });

  test('cancels the call whose promise it is given', async () => {
    const call = API.get('users', '/users');
    expect(API.hasCancelToken(call)).toBe(true);
    expect(API.cancel(call, 'enough')).toBe(true);
    const error = await call.catch((caught: unknown) => caught);
    expect(API.isCancel(error)).toBe(true);
    expect(error).toMatchObject({ message: 'enough', code: 'ERR_CANCELED' });
    const other = API.get('users', '/users');
    API.cancel(other);
    await expect(other).rejects.toMatchObject({ message: 'canceled' });
    expect(API.isCancel(new Error('other'))).toBe(false);
    expect(API.cancel(Promise.resolve())).toBe(false);
    expect(API.hasCancelToken(Promise.resolve())).toBe(false);
  });
});

describe('API.endpoint', () => {
  /** Where a call goes, and what `API.endpoint` says. */
  async function compare(name: string) {
    const said = await API.endpoint(name);
    const backends = [users, local];
    for (const { requests } of backends) requests.splice(0);
    await API.get(name, '/users').catch(() => {});
    return { said, went: backends.find(({ requests }) => requests.length)?.url };
  }
  let local: Backend;
  beforeEach(async () => {
    local = await startBackend('local');
  });
  afterEach(async () => {
    await local.stop();
    API.configure({ endpoints: [] });
    Amplify.configure(await discover(environment.outputs, { storage: memoryStorage() }));
  });

  test('agrees with where calls go: to what discovery has', async () => {
    expect(await compare('users')).toEqual({ said: users.url, went: users.url });
  });

  test('agrees when Amplify is configured with an entry of the app’s own', async () => {
    Amplify.configure({ API: { REST: { users: { endpoint: local.url } } } });
    expect(await compare('users')).toEqual({ said: local.url, went: local.url });
  });

  test('agrees when the app lists an endpoint in the shape of v5', async () => {
    Amplify.configure({ API: { endpoints: [{ name: 'users', endpoint: local.url }] } } as never);
    expect(await compare('users')).toEqual({ said: local.url, went: local.url });
  });

  test('agrees after API.configure', async () => {
    API.configure({ endpoints: [{ name: 'users', endpoint: local.url }] });
    expect(await compare('users')).toEqual({ said: local.url, went: local.url });
  });

  test('agrees when a generated file lists it: discovery wins where it has the name', async () => {
    const generated = ['users', 'old'].map((name) => ({ name, endpoint: local.url }));
    API.configure({ aws_project_region: 'eu-west-1', aws_cloud_logic_custom: generated });
    expect(await compare('users')).toEqual({ said: users.url, went: users.url });
    expect(await compare('old')).toEqual({ said: local.url, went: local.url });
  });

  test('is empty for an unknown name', async () => {
    expect(await compare('nobody')).toEqual({ said: '', went: undefined });
  });
});

describe('API.configure', () => {
  afterEach(() => void API.configure({ endpoints: [] }));

  test('attaches custom_header to every call, and the headers of the call win', async () => {
    let count = 0;
    const customHeader = async () => ({ 'x-count': `${++count}`, 'x-who': 'endpoint', 'Content-Type': 'text/plain' });
    API.configure({ API: { endpoints: [{ name: 'own', endpoint: users.url, custom_header: customHeader }] } });
    await API.post('own', '/users', { body: {} });
    await API.post('own', '/users', { body: {}, headers: { 'X-Who': 'call' } });
    expect(
      users.requests.map(({ headers }) => [headers['x-count'], headers['x-who'], headers['content-type']]),
    ).toEqual([
      ['1', 'endpoint', 'text/plain'],
      ['2', 'call', 'text/plain'],
    ]);
  });

  test('returns the configuration so far, keeps endpoints that are not given anew, and leaves Amplify as it is', () => {
    const endpoints = [{ name: 'own', endpoint: users.url }];
    const before = Amplify.getConfig();
    expect(API.configure({ endpoints, region: 'eu-west-1' })).toMatchObject({ endpoints, region: 'eu-west-1' });
    expect(API.configure(null)).toMatchObject({ endpoints, region: 'eu-west-1' });
    expect(Amplify.getConfig()).toBe(before);
  });
});

describe('API.graphql', () => {
  let graph: Backend;
  beforeAll(async () => {
    graph = await startBackend('graph', ({ body }) =>
      body.includes('broken')
        ? { body: { data: null, errors: [{ message: 'no' }] } }
        : { body: { data: { user: 'Ada' } } },
    );
    const GraphQL = {
      endpoint: `${graph.url}/graphql`,
      defaultAuthMode: 'apiKey' as const,
      apiKey: 'k',
      region: 'eu-west-1',
    };
    Amplify.configure({ ...Amplify.getConfig(), API: { ...Amplify.getConfig().API, GraphQL } });
  });
  afterAll(() => graph.stop());
  beforeEach(() => void graph.requests.splice(0));

  test('is answered by the GraphQL API in Amplify’s configuration', async () => {
    const operation = graphqlOperation('query User($id: ID) { user(id: $id) }', { id: '1' });
    expect(await API.graphql(operation, { 'x-trace': '1' })).toEqual({ data: { user: 'Ada' } });
    const [request] = graph.requests;
    expect(request?.headers).toMatchObject({ 'x-api-key': 'k', 'x-trace': '1' });
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ variables: { id: '1' } });
  });

  test('understands v5’s names of auth modes', async () => {
    const query = '{ user }';
    await API.graphql({ query, authMode: 'AWS_LAMBDA', authToken: 'token' });
    expect(graph.requests[0]?.headers.authorization).toBe('token');
  });

  test('rejects with data and errors', async () => {
    await expect(API.graphql({ query: '{ broken }' })).rejects.toMatchObject({
      data: null,
      errors: [{ message: 'no' }],
    });
  });

  test('can be cancelled', async () => {
    const call = API.graphql({ query: '{ user }' });
    expect(API.cancel(call, 'enough')).toBe(true);
    expect(API.isCancel(await call.catch((error: unknown) => error))).toBe(true);
  });

  test.each([
    ['text', '# all\nsubscription OnUser { onUser }'],
    ['a document', { kind: 'Document', definitions: [subscriptionDefinition] }],
  ])('subscribes when the query is %s that says so, and gives messages as v5 did', async (_, query) => {
    const restore = installRealtime({ data: { onUser: 'Ada' } });
    const received = await new Promise((resolve, reject) => {
      const subscription = API.graphql({ query });
      expect(subscription.then).toBeUndefined();
      const { unsubscribe } = subscription.subscribe({ next: resolve, error: reject });
      stopListening = unsubscribe;
    });
    stopListening();
    await FakeSocket.closed;
    restore();
    expect(received).toEqual({ value: { data: { onUser: 'Ada' } } });
  });

  test('starts no subscription that has ended before', async () => {
    const restore = installRealtime({});
    API.graphql({ query: 'subscription { onUser }' }).subscribe({}).unsubscribe();
    await import('../src/graphql-client.ts');
    await Promise.resolve();
    expect(FakeSocket.count).toBe(0);
    restore();
  });
});
