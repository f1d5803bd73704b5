import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startResponseServer, type ResponseServer } from './start-response-server.ts';

const answer = { Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: 's', RequestId: 'r', LogicalResourceId: 'l' };
let server: ResponseServer;
beforeEach(async () => {
  server = await startResponseServer();
});
afterEach(() => server.stop());

async function put(url: string, body: unknown, { method = 'PUT', contentType = '' } = {}): Promise<number> {
  const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  const init: RequestInit = { method, headers: { 'content-type': contentType }, body: bytes };
  const response = await fetch(url, init);
  return response.status;
}

describe('a ResponseURL', () => {
  test('takes what CloudFormation takes', async () => {
    const target = server.createUrl();
    expect(await put(target.url, answer)).toBe(200);
    expect(target).toMatchObject({ answers: [answer], faults: [], attempts: 1 });
  });

  test.each([
    ['another method', answer, { method: 'POST' }],
    ['a content type', answer, { contentType: 'application/json' }],
    ['what is no JSON', 'nonsense', {}],
    ['a missing field', { ...answer, RequestId: '' }, {}],
    ['a failure without a reason', { ...answer, Status: 'FAILED' }, {}],
    ['more than 4096 bytes', { ...answer, Data: { x: 'x'.repeat(4096) } }, {}],
    ['an id of more than 1024 bytes', { ...answer, PhysicalResourceId: 'x'.repeat(1025) }, {}],
  ])('refuses %s', async (_, body, options) => {
    const target = server.createUrl();
    expect(await put(target.url, body, options)).toBe(403);
    expect(target.answers).toEqual([]);
    expect(target.faults).toHaveLength(1);
  });

  test('loses, refuses and breaks as it is told', async () => {
    const lost = server.createUrl('lost');
    expect(await put(lost.url, answer)).toBe(200);
    expect(lost.answers).toEqual([]);
    const twice = server.createUrl('refusedTwice');
    expect([await put(twice.url, answer), await put(twice.url, answer), await put(twice.url, answer)]).toEqual([
      503, 503, 200,
    ]);
    await expect(put(server.createUrl('broken').url, answer)).rejects.toThrow();
  });

  test('that was never given out is refused', async () => {
    expect(await put(`${new URL(server.createUrl().url).origin}/other`, answer)).toBe(403);
  });
});
