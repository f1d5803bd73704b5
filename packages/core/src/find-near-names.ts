const maximumEdits = 2;
const maximumNames = 3;

/**
 * The names that a misspelt one may have meant, nearest first, at most three. Near is what is at most two edits and a third
 * of the misspelt name's length away, whatever the case, and what it is the first half of, or more.
 */
export function findNearNames(misspelt: string, names: Iterable<string>): readonly string[] {
  const wanted = misspelt.toLowerCase();
  const limit = Math.min(maximumEdits, Math.floor(wanted.length / 3));
  const near: { readonly name: string; readonly edits: number }[] = [];
  for (const name of new Set(names)) {
    const known = name.toLowerCase();
    const lacking = known.length - wanted.length;
    const isBeginning = lacking <= wanted.length && known.startsWith(wanted) && wanted !== '';
    if (!isBeginning && Math.abs(lacking) > limit) continue;
    const edits = isBeginning ? lacking : countEdits(wanted, known, limit);
    if (isBeginning || edits <= limit) near.push({ name, edits });
  }
  near.sort((left, right) => left.edits - right.edits || (left.name < right.name ? -1 : 1));
  return near.slice(0, maximumNames).map(({ name }) => name);
}

/** Insertions, deletions and replacements, and swaps of neighbours (optimal string alignment); any number above the limit is as good as another. */
function countEdits(left: string, right: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      let cost = Math.min(
        Number(last[column]) + 1,
        Number(current[column - 1]) + 1,
        Number(last[column - 1]) + (isSame ? 0 : 1),
      );
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? Infinity) + 1);
      }
      current.push(cost);
    }
    // No later row has less than this one, nor does a swap, which starts from the row before.
    if (Math.min(...current) > limit) return limit + 1;
    [beforeLast, last] = [last, current];
  }
  return Number(last[right.length]);
}
