import { expect, test } from '@jest/globals';
import { openSource } from '../systems.ts';

const open = (reference: string, env: Record<string, string> = {}, fetch: typeof globalThis.fetch = globalThis.fetch) =>
  openSource(reference, {
    fetch,
    env,
    findCredentials: async () => {
      throw new Error('no AWS here');
    },
  });

test('a reference names the server, what a stage is there, and nothing else', async () => {
  expect((await open('eureka:https://eureka.example.com/eureka/')).name).toBe(
    'eureka:https://eureka.example.com/eureka',
  );
  expect((await open('eureka:https://eureka.example.com/eureka?stage=zone')).name).toBe(
    'eureka:https://eureka.example.com/eureka?stage=zone',
  );
  for (const address of [
    'http://eureka.example.com/eureka',
    'https://eureka.example.com/eureka?stage=tag',
    'https://eureka.example.com/eureka?zone=a',
    'https://ann:secret@eureka.example.com/eureka',
  ]) {
    await expect(open(`eureka:${address}`)).rejects.toMatchObject({ code: 'InvalidOptions' });
  }
});

test('EUREKA_AUTH is sent as user and password, and a refusal says who refused', async () => {
  const sent: (string | null)[] = [];
  const source = await open(
    'eureka:https://eureka.example.com/eureka',
    { EUREKA_AUTH: 'ann:secret' },
    async (_url, init) => {
      sent.push(new Headers(init?.headers).get('authorization'));
      return new Response('', { status: 401 });
    },
  );
  await expect(source.load({ stage: 'dev', signal: AbortSignal.timeout(5000) })).rejects.toMatchObject({
    code: 'RegistryDenied',
    message: expect.stringContaining('"dev" in eureka:https://eureka.example.com/eureka'),
  });
  expect(sent).toEqual([`Basic ${btoa('ann:secret')}`]);
});

test('an answer that is not Eureka’s is one to ask again for, not an empty registry', async () => {
  const unreadable = '{"applications":{"apps__hashcode":"","application":[{"name":"A","instance":[7]}]}}';
  for (const body of ['{}', '[]', '<html>', '', unreadable]) {
    const source = await open('eureka:https://eureka.example.com/eureka', {}, async () => new Response(body));
    await expect(source.load({ stage: 'dev', signal: AbortSignal.timeout(5000) })).rejects.toMatchObject({
      code: 'RegistryUnavailable',
    });
  }
});
