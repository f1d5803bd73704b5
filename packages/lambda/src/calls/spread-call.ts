import type { SelectionCriteria } from '@amplify-discovery/core';

/**
 * The criteria of one call. A function calls for many users, so each of its calls is spread anew over weighted endpoints, unless the
 * caller says what keeps to one of them.
 */
export function spreadCall(criteria: SelectionCriteria | undefined, random: () => number): SelectionCriteria {
  return { ...criteria, affinityKey: criteria?.affinityKey ?? `${random()}` };
}
