import { describe, expect, test } from '@jest/globals';
import { sendResponse } from './send-response.ts';

const url = 'https://bucket.example/answer?X-Amz-Signature=secret';

/** A storage that answers with these statuses one after another, then the last one again; 0 cuts the connection. */
function start(statuses: readonly number[], abortAfterSleeps = Infinity) {
  const sent: { url: string; init: RequestInit }[] = [];
  const sleeps: number[] = [];
  const controller = new AbortController();
  const options = {
    fetch: async (input: unknown, init: RequestInit = {}) => {
      sent.push({ url: String(input), init });
      const status = statuses[Math.min(sent.length, statuses.length) - 1] ?? 0;
      if (status === 0) throw new TypeError('fetch failed');
      return new Response(null, { status });
    },
    sleep: async (milliseconds: number) => {
      sleeps.push(milliseconds);
      if (sleeps.length >= abortAfterSleeps) controller.abort();
    },
    signal: controller.signal,
  };
  return { options: options as Parameters<typeof sendResponse>[2], sent, sleeps };
}

describe('an answer', () => {
  test('is PUT as it is, without a content type, to the URL and nowhere else', async () => {
    const { options, sent } = start([200]);
    await sendResponse(url, '{"ü":1}', options);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe(url);
    expect(sent[0]?.init).toMatchObject({ method: 'PUT', headers: { 'content-type': '' }, redirect: 'manual' });
    expect(new TextDecoder().decode(sent[0]?.init.body as Uint8Array<ArrayBuffer>)).toBe('{"ü":1}');
  });

  test('is sent again when the storage fails, is busy or cuts the connection', async () => {
    const { options, sent, sleeps } = start([500, 503, 429, 0, 200]);
    await sendResponse(url, '{}', options);
    expect(sent).toHaveLength(5);
    expect(sleeps).toEqual([100, 200, 400, 800]);
  });

  test.each([400, 403, 404, 307])(
    'is not sent again after HTTP %d, which another attempt would meet too',
    async (status) => {
      const { options, sent } = start([status]);
      await expect(sendResponse(url, '{}', options)).rejects.toThrow(`HTTP ${status}`);
      expect(sent).toHaveLength(1);
    },
  );

  test('is given up when the time is up, without telling the signed URL', async () => {
    const { options } = start([0], 3);
    const failure = await sendResponse(url, '{}', options).catch((error: unknown) => error as Error);
    expect(String(failure)).toContain('fetch failed');
    expect(String(failure)).not.toContain('secret');
  });

  test.each(['http://bucket.example/', 'ftp://127.0.0.1/', 'http://127.0.0.1.evil.example/', 'nonsense', ''])(
    'is not sent to %s',
    async (unsafe) => {
      const { options, sent } = start([200]);
      await expect(sendResponse(unsafe, '{}', options)).rejects.toThrow('not https');
      expect(sent).toEqual([]);
    },
  );

  test.each(['http://127.0.0.1:4000/x', 'http://localhost:4000/x', 'http://[::1]:4000/x'])(
    'may go to %s, this machine',
    async (local) => {
      const { options, sent } = start([200]);
      await sendResponse(local, '{}', options);
      expect(sent).toHaveLength(1);
    },
  );
});
