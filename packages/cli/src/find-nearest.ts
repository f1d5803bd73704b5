/** The candidate that was probably meant: at most two edits away, or the only one that begins with the text. */
export function findNearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  const beginnings: string[] = [];
  for (const candidate of candidates) {
    const distance = measureDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
    if (text.length > 1 && candidate.startsWith(text)) beginnings.push(candidate);
  }
  return best ?? (beginnings.length === 1 ? beginnings[0] : undefined);
}

/** Edits from one text to the other, row by row; two neighbours that changed places count as one (optimal string alignment). */
function measureDistance(left: string, right: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = [...Array(right.length + 1).keys()];
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const isSame = left[i - 1] === right[j - 1];
      const isSwapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const edits = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)];
      next.push(Math.min(...edits, ...(isSwapped ? [(before[j - 2] ?? 0) + 1] : [])));
    }
    [before, row] = [row, next];
  }
  return row[right.length] ?? 0;
}
