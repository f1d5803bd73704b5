import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseWeighted, type Weighted } from './choose-weighted.ts';

const keys = Array.from({ length: 5_000 }, (_, index) => `user-${index}`);

function countChoices(candidates: readonly Weighted[]): Map<string, number> {
  const counts = new Map(candidates.map(({ id }) => [id, 0]));
  for (const key of keys) {
    const id = chooseWeighted(candidates, key)?.id as string;
    counts.set(id, (counts.get(id) as number) + 1);
  }
  return counts;
}

const candidates = fc.uniqueArray(
  fc.record({ id: fc.stringMatching(/^[a-z0-9-]{1,12}$/), weight: fc.integer({ min: 0, max: 1000 }) }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 8 },
);

const byId = (left: Weighted, right: Weighted) => (left.id < right.id ? -1 : 1);

describe('chooseWeighted', () => {
  test('chooses nothing from an empty list', () => {
    expect(chooseWeighted([], 'key')).toBeUndefined();
  });

  test.each([0, 1, 1000])('always takes the only candidate, weight %p', (weight) => {
    const only = { id: 'only', weight };
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(chooseWeighted([only], key)).toBe(only);
      }),
    );
  });

  test('sends nothing to weight 0 unless there is nothing else', () => {
    const off = { id: 'off', weight: 0 };
    expect(countChoices([off, { id: 'on', weight: 1 }]).get('off')).toBe(0);
    expect(chooseWeighted([off, { id: 'also-off', weight: 0 }], 'key')).toBe(off);
  });

  test.each<[ids: string, weights: number[]]>([
    ['blue green', [100, 100]],
    ['stable canary', [950, 50]],
    ['stable canary', [999, 1]],
    ['a b', [1, 1]],
    ['a aa aaa aaaa', [1, 2, 3, 4]],
    ['eu-west-1 eu-west-2 eu-west-3', [500, 300, 200]],
    ['ab ba', [300, 700]],
  ])('gives %s their weights %p of the keys', (ids, weights) => {
    const candidates = ids.split(' ').map((id, index) => ({ id, weight: weights[index] as number }));
    const total = weights.reduce((sum, weight) => sum + weight);
    const counts = countChoices(candidates);
    for (const { id, weight } of candidates) {
      const share = weight / total;
      const deviation = Math.sqrt(keys.length * share * (1 - share));
      expect(Math.abs((counts.get(id) as number) - keys.length * share)).toBeLessThan(4 * deviation);
    }
  });

  test('gives the same key the same candidate, in whatever order the candidates come', () => {
    fc.assert(
      fc.property(candidates, fc.string(), (list, key) => {
        fc.pre(list.some(({ weight }) => weight > 0));
        expect(chooseWeighted([...list].sort(byId), key)?.id).toBe(chooseWeighted(list, key)?.id);
      }),
    );
  });

  test('moves keys only to a candidate whose weight rose, and only away from one whose weight fell', () => {
    fc.assert(
      fc.property(candidates, fc.nat(), fc.integer({ min: 0, max: 1000 }), (list, at, weight) => {
        const changed = list[at % list.length] as Weighted;
        const after = list.map((candidate) => (candidate === changed ? { ...changed, weight } : candidate));
        fc.pre([...list, ...after].every((candidate) => candidate.weight > 0));
        const moved = keys
          .slice(0, 100)
          .filter((key) => chooseWeighted(list, key)?.id !== chooseWeighted(after, key)?.id);
        const [gaining, losing] = weight > changed.weight ? [after, list] : [list, after];
        expect(moved.filter((key) => chooseWeighted(gaining, key)?.id !== changed.id)).toEqual([]);
        expect(moved.filter((key) => chooseWeighted(losing, key)?.id === changed.id)).toEqual([]);
      }),
    );
  });

  test('moves no key when a candidate is removed that it was not on', () => {
    fc.assert(
      fc.property(candidates, fc.nat(), (list, at) => {
        const removed = list[at % list.length];
        for (const key of keys.slice(0, 100)) {
          const from = chooseWeighted(list, key);
          if (from !== removed && from?.weight) {
            expect(
              chooseWeighted(
                list.filter((candidate) => candidate !== removed),
                key,
              ),
            ).toBe(from);
          }
        }
      }),
    );
  });
});
