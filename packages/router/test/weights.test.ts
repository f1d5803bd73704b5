import { afterEach, expect, jest, test } from '@jest/globals';
import { chooseWeighted } from '@amplify-discovery/core';
import { findHeader } from '../src/index.ts';
import { startBackend, type Backend } from './start-backend.ts';
import { startRouter, type TestRouter, type TestRouterOptions } from './start-router.ts';

jest.setTimeout(30_000);

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(
  options: TestRouterOptions,
): Promise<{ router: TestRouter; stable: Backend; canary: Backend; shift(weight: number): Promise<void> }> {
  const stable = await startBackend((_request, response) => response.end('stable'));
  const canary = await startBackend((_request, response) => response.end('canary'));
  const router = await startRouter(options);
  running.push(stable, canary, router);
  const shift = async (weight: number) => {
    router.source.register({
      stage: 'test',
      service: 'orders',
      id: 'stable',
      target: stable.url,
      weight: 100 - weight,
    });
    router.source.register({ stage: 'test', service: 'orders', id: 'canary', target: canary.url, weight });
    await router.resolver.refresh();
  };
  return { router, stable, canary, shift };
}

/** Twenty at a time. */
async function askAll(router: TestRouter, callers: readonly Record<string, string>[]): Promise<string[]> {
  const answers: string[] = [];
  for (let start = 0; start < callers.length; start += 20) {
    answers.push(...(await Promise.all(callers.slice(start, start + 20).map((headers) => ask(router, headers)))));
  }
  return answers;
}

async function ask(router: TestRouter, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${router.url}/orders/`, { headers });
  return answer.text();
}

test.each([
  ['header', { header: 'X-User' }, (user: number): Record<string, string> => ({ 'x-user': `user-${user}` })],
  [
    'cookie',
    { cookie: 'session' },
    (user: number): Record<string, string> => ({ cookie: `other=1; session=user-${user}; sessions=2` }),
  ],
] as const)(
  '90/10 by %s: each caller stays where it is, and the canary gets its share',
  async (_name, affinity, headersOf) => {
    const { router, shift } = await start({ affinity });
    await shift(10);
    const users = Array.from({ length: 200 }, (_, index) => index);
    const first = await askAll(router, users.map(headersOf));
    const expected = users.map(
      (user) =>
        chooseWeighted(
          [
            { id: 'stable', weight: 90 },
            { id: 'canary', weight: 10 },
          ],
          `user-${user}`,
        )?.id,
    );
    expect(first).toEqual(expected);
    const share = first.filter((answer) => answer === 'canary').length;
    expect(share).toBeGreaterThan(15);
    expect(share).toBeLessThan(45);

    const again = await askAll(router, users.slice(0, 50).map(headersOf));
    expect(again).toEqual(first.slice(0, 50));

    await shift(30);
    const later = await askAll(router, users.map(headersOf));
    expect(later.filter((answer) => answer === 'canary').length).toBeGreaterThan(share);
    // A larger share takes no caller away from the canary.
    expect(first.flatMap((answer, user) => (answer === 'canary' && later[user] !== 'canary' ? [user] : []))).toEqual(
      [],
    );
  },
);

test('callers without a key are spread by chance, by the same weights', async () => {
  let seed = 0;
  const { router, shift, canary, stable } = await start({
    affinity: { header: 'x-user' },
    random: () => (seed += 1) / 1000,
  });
  await shift(10);
  await askAll(
    router,
    Array.from({ length: 300 }, () => ({})),
  );
  expect(stable.requests.length + canary.requests.length).toBe(300);
  expect(canary.requests.length).toBeGreaterThan(15);
  expect(canary.requests.length).toBeLessThan(50);
});

test('weight 0 gets no request', async () => {
  const { router, shift, canary, stable } = await start({});
  await shift(0);
  await askAll(
    router,
    Array.from({ length: 50 }, () => ({})),
  );
  expect([stable.requests.length, canary.requests.length]).toEqual([50, 0]);
});

test("the operator's own code may choose by tenant, and the choice holds for the request only", async () => {
  const { router, stable, canary, shift } = await start({
    findCriteria: ({ headers }) => ({ tenant: findHeader(headers, 'X-Tenant') }),
  });
  await shift(0);
  router.source.register({ stage: 'test', service: 'orders', id: 'acme', tenant: 'acme', target: canary.url });
  await router.resolver.refresh();
  expect(await ask(router, { 'x-tenant': 'acme' })).toBe('canary');
  expect(await ask(router, { 'x-tenant': 'unknown' })).toBe('stable');
  expect(await ask(router, {})).toBe('stable');
  expect([stable.requests.length, canary.requests.length]).toEqual([2, 1]);
});
