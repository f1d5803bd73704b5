/** What takes part in a weighted choice. */
export interface Weighted {
  readonly id: string;
  readonly weight: number;
}

/** What of a request keeps its caller at one of several weighted endpoints. The header comes before the cookie. */
export interface AffinityRule {
  readonly header?: string | undefined;
  readonly cookie?: string | undefined;
}

/**
 * The candidate that an affinity key belongs to, each candidate getting its weight's share of all keys; undefined when
 * there are none. The same key always gets the same candidate, and when a weight changes only the keys that must move do.
 * Candidates of weight 0 get no traffic unless there is nothing else.
 *
 * Weighted rendezvous hashing: the highest of `-weight / ln(hash(key, id))` wins
 * (Schindelhauer and Schomaker, "Weighted distributed hash tables", SPAA 2005, logarithmic method).
 */
export function chooseWeighted<T extends Weighted>(candidates: readonly T[], affinityKey: string): T | undefined {
  let best = candidates[0];
  if (candidates.length < 2) return best;
  let bestScore = -1;
  for (const candidate of candidates) {
    const score = -candidate.weight / Math.log(hash(`${affinityKey}\n${candidate.id}`));
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/** A number in (0, 1) from text: 32-bit FNV-1a with MurmurHash3's finaliser, both in the public domain. */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0 || 1) / 2 ** 32;
}
