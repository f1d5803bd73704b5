import { isDeepStrictEqual } from 'node:util';
import { differences } from './intended-differences.mjs';

/** Seconds by which two sides may read their clocks apart. */
const clockSeconds = 60;

/**
 * Makes what compares the answers of the local registry and the peer to one operation: undefined when they agree or differ as
 * intended, else the two answers in comparable form. Where a difference leaves the two registries in different states, the
 * stage is passed over from then on. `counts` has how often each intended difference was met.
 */
export function createComparison() {
  const divergedStages = new Set();
  const counts = new Map(differences.map(({ what }) => [what, 0]));

  return {
    counts,
    compare(operation, local, peer) {
      const { stage } = operation.variables.input ?? operation.variables;
      const sides = [local, peer].map((answer) => normalize(answer, divergedStages));
      // A resolver that ends in an error of its own is wrong, also where both agree.
      const isBroken = sides[0].errors.some(({ errorType }) => errorType === 'InternalFailure');
      if (!isBroken && (divergedStages.has(stage) || isAlike(...sides))) return undefined;
      const intended = differences.find(({ applies }) => applies(operation, ...sides));
      if (!intended) return { local: sides[0], peer: sides[1] };
      counts.set(intended.what, counts.get(intended.what) + 1);
      if (operation.variables.input) divergedStages.add(stage);
      return undefined;
    },
  };
}

/**
 * Data and errors in the form in which they are compared. A message counts where a resolver wrote it; in place of what is
 * random or a side's own stands what it is.
 */
function normalize({ data, errors = [] }, divergedStages) {
  return {
    data: normalizeData(data ?? null, divergedStages),
    errors: errors
      .map(({ errorType, message }) =>
        errorType ? { errorType, message: hideOwn(message) } : { errorType: 'refused by the schema' },
      )
      .sort((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right))),
  };
}

function normalizeData(data, divergedStages) {
  if (typeof data === 'string') return hideOwn(data);
  if (Array.isArray(data)) {
    const kept = data.filter((one) => !divergedStages.has(one?.stage ?? one));
    return kept.map((one) => normalizeData(one, divergedStages)).sort(byText);
  }
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      // The same JSON can be written in several ways.
      if (name === 'metadata' && value !== null) return [name, JSON.parse(value)];
      if (name === 'token' || name === 'revision') return [name, typeof value];
      return [name, normalizeData(value, divergedStages)];
    }),
  );
}

function byText(left, right) {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

/** The identity that signs has another name on each side, and tokens are random. */
function hideOwn(text) {
  return text
    .replaceAll(/arn:aws:iam::000000000000:user\/(local|test)/g, 'arn of the caller')
    .replaceAll(/\b\d{6,}\.\d{6,}\b/g, 'token');
}

/** Equal, but for times that each side has read off its clock. */
function isAlike(left, right) {
  if (typeof left === 'string' && typeof right === 'string' && isTime(left) && isTime(right))
    return Math.abs(Date.parse(left) - Date.parse(right)) < clockSeconds * 1000;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return isDeepStrictEqual(left, right);
  const names = Object.keys(left);
  return (
    Array.isArray(left) === Array.isArray(right) &&
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isAlike(left[name], right[name]))
  );
}

function isTime(text) {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);
}
