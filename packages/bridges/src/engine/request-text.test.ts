import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { loopbackCertificate } from '@amplify-discovery/test-rig/loopback-certificate';
import { fetchWithCa } from '../kubernetes/fetch-with-ca.ts';
import { requestText } from './request-text.ts';

const signal = new AbortController().signal;
const request = { name: 'consul:http://127.0.0.1:8500', stage: 'dev', url: 'http://127.0.0.1:8500/v1', signal };

test('an answer that is too long is given up on, and no longer received', async () => {
  let isCancelled = false;
  let chunks = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(2 ** 20));
      if (++chunks === 80) controller.close();
    },
    cancel: () => void (isCancelled = true),
  });
  await expect(requestText({ ...request, fetch: async () => new Response(body) })).rejects.toMatchObject({
    code: 'RegistryUnavailable',
    message: '"dev" in consul:http://127.0.0.1:8500: the answer has more than 64 MB',
  });
  expect(isCancelled).toBe(true);
});

test('a text arrives whole, wherever its characters are parted', async () => {
  const bytes = Buffer.from('Schlüssel €, 🔑');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await requestText({ ...request, fetch: async () => new Response(body) })).toMatchObject({
    text: 'Schlüssel €, 🔑',
  });
});

test('the fetch for a certificate of one’s own gives an answer as it comes, not once it is whole', async () => {
  const server = createServer(loopbackCertificate, (_request, response) => void response.write('begun'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  const response = await fetchWithCa(loopbackCertificate.cert)(url);
  const reader = response.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('begun');
  await reader?.cancel();
  await new Promise((resolve) => server.close(resolve));
});
