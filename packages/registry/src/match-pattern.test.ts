import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchPattern } from './match-pattern.ts';

type MatchesAny = (patterns: readonly string[], text: string) => boolean;
const file = readFileSync('packages/registry/resolvers/shared/patterns.js', 'utf8').replaceAll(/^export /gm, '');
const matchesAny = runInNewContext(`${file}; matchesAny`) as MatchesAny;

test('a pattern is a text exactly where the resolvers say so', () => {
  const part = fc.constantFrom('a', 'b', '*', '.', '-', ':', '/');
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (pattern, other) => {
      expect(matchPattern(pattern, other)).toBe(matchesAny([pattern], other));
    }),
    { numRuns: 5000 },
  );
});
