import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Amplify } from 'aws-amplify';
import { discover } from '../src/index.ts';
import { API } from '../src/v5.ts';
import { memoryStorage, startEnvironment, type Backend, type Environment } from './start-environment.ts';

let environment: Environment;
let users: Backend;

beforeAll(async () => {
  environment = await startEnvironment();
  users = await environment.startService('users', ({ url }) => {
    if (url.startsWith('/empty')) return { status: 204, body: '' };
    if (url.startsWith('/text')) return { body: 'plain' };
    if (url.startsWith('/missing')) return { status: 404, body: { reason: 'no such user' } };
    if (url.startsWith('/broken')) return { status: 503, body: 'try later' };
    return undefined;
  });
  Amplify.configure(await discover(environment.outputs, { storage: memoryStorage() }));
});
afterAll(() => environment.stop());
beforeEach(() => void users.requests.splice(0));

describe('API in the shape of v5', () => {
  test('resolves with the parsed data', async () => {
    expect(await API.get('users', '/users')).toEqual({ name: 'users' });
  });

  test('resolves with text where the answer is no JSON, and with "" where it is empty', async () => {
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

  test('repeats a query parameter for an array and leaves out what is undefined or null', async () => {
    await API.get('users', '/users?page=1', {
      queryStringParameters: { id: [1, 2], q: 'a b', none: undefined, nil: null },
    });
    expect(users.requests[0]?.url).toBe('/users?page=1&id=1&id=2&q=a+b');
  });

  test.each(['post', 'put', 'patch', 'del', 'head'] as const)('%s sends its method, body and headers', async (verb) => {
    await API[verb]('users', '/users', { ...(verb !== 'head' && { body: { a: 1 } }), headers: { 'x-trace': '1' } });
    const [request] = users.requests;
    expect(request?.method).toBe(verb === 'del' ? 'DELETE' : verb.toUpperCase());
    expect(request?.headers['x-trace']).toBe('1');
    if (verb !== 'head') expect(request?.body).toBe('{"a":1}');
  });

  test('rejects with response.status and response.data', async () => {
    await expect(API.get('users', '/missing')).rejects.toMatchObject({
      message: 'Request failed with status code 404',
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
    await expect(API.get('gone', '/')).rejects.toThrow('Network Error');
  });

  test('cancels the call whose promise it is given', async () => {
    const call = API.get('users', '/users');
    expect(API.cancel(call, 'enough')).toBe(true);
    const error = await call.catch((caught: unknown) => caught);
    expect(API.isCancel(error)).toBe(true);
    expect(API.isCancel(new Error('other'))).toBe(false);
    expect(API.cancel(Promise.resolve())).toBe(false);
  });

  test('tells the URL of a service', async () => {
    expect(await API.endpoint('users')).toBe(users.url);
  });
});
