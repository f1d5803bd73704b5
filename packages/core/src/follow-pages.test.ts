import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { followPages } from './follow-pages.ts';

const what = 'The list';
const endless = { code: 'RegistryUnavailable', message: 'The list has pages without an end' };

test('every page is read once, in order, however many there are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.constantFrom('', null, undefined),
      async (tokens, end) => {
        const asked: (string | null)[] = [];
        await followPages({ what }, async (token) => tokens[asked.push(token) - 1] ?? end);
        expect(asked).toEqual([null, ...tokens]);
      },
    ),
  );
});

test('a token that comes again, at once or after others, is an error as soon as it does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), async (tokens, back) => {
      let pages = 0;
      const given = [...tokens, tokens[back % tokens.length]];
      await expect(followPages({ what }, async () => given[pages++])).rejects.toMatchObject(endless);
      expect(pages).toBe(given.length);
    }),
  );
});

test('a server that makes up tokens for ever is given up, and the error names the stage', async () => {
  let pages = 0;
  const reading = followPages({ what, stage: 'dev' }, async () => `${pages++}`);
  await expect(reading).rejects.toMatchObject({ ...endless, stage: 'dev' });
  expect(pages).toBe(10_000);
});

test('what a page fails with is what the caller gets', async () => {
  const failure = new Error('no answer');
  await expect(followPages({ what }, () => Promise.reject(failure))).rejects.toBe(failure);
});
