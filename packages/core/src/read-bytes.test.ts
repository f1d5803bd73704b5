import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBytes } from './read-bytes.ts';

function stream(chunks: readonly Uint8Array[], onCancel = () => {}): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[next++];
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

test('a body comes whole if it keeps to the bound, and not at all beyond it, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 20 })), fc.nat(200), async (chunks, maximumBytes) => {
      const whole = Buffer.concat(chunks);
      const read = await readBytes(stream(chunks), maximumBytes);
      expect(read && Buffer.from(read)).toEqual(whole.length > maximumBytes ? undefined : whole);
    }),
  );
});

test('a body without an end is cancelled, and a sender that never confirms that is not waited for', async () => {
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => {
      isCancelled = true;
      return new Promise(() => {});
    },
  });
  expect(await readBytes(endless, 10_000)).toBeUndefined();
  expect(isCancelled).toBe(true);
});

test('no body is an empty one, and one that breaks off rejects', async () => {
  expect(await readBytes(null, 0)).toEqual(new Uint8Array());
  const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('reset')) });
  await expect(readBytes(broken, 10)).rejects.toThrow('reset');
});
