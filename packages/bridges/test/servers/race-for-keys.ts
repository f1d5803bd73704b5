import { expect } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import type { Target } from '../../src/index.ts';

/** Three bridges write one key at the same time, in twenty rounds: one has it, the others are refused. */
export async function raceForKeys(createTarget: () => Target): Promise<void> {
  const [stage, signal] = ['dev', new AbortController().signal];
  for (let round = 0; round < 20; round++) {
    const endpoint = parseEndpoint({ service: `race-${round}`, target: 'https://users.example.com' }, stage);
    const outcomes = await Promise.allSettled(
      ['blue', 'green', 'red'].map((mark) => createTarget().put(endpoint, { stage, mark, signal })),
    );
    const refusals = outcomes.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    );
    expect(refusals).toEqual(['RegistrationConflict', 'RegistrationConflict']);
  }
}
