import { DiscoveryError } from '@amplify-discovery/core';
import type { Discovery } from './discovery.ts';

/** How long a call may wait for `discover` to be called at all. */
const timeoutMs = 10_000;

let working: Discovery | undefined;
/** The number of the `discover` call that made it. */
let workingNumber = 0;
/** What the last `discover` call is preparing, or has failed to prepare. */
let latest: Promise<Discovery> | undefined;
let count = 0;
/** What a call gets that comes before `discover`, instead of waiting for it. */
let explainMissing: (() => Error) | undefined;
let announce: () => void;
const announced = new Promise<void>((resolve) => {
  announce = resolve;
});

/**
 * Makes this the discovery that verbs without a context of their own use, as soon as it is ready. Until
 * then, and if it fails, the previous one stays in use.
 */
export function setDefaultDiscovery(discovery: Promise<Discovery>): void {
  const number = ++count;
  latest = discovery;
  announce();
  discovery.then(
    (ready) => {
      const isOvertaken = number < workingNumber;
      (isOvertaken ? ready : working)?.close();
      if (isOvertaken) return;
      working = ready;
      workingNumber = number;
    },
    // The failure belongs to the caller of `discover`, and to the calls that wait.
    () => {},
  );
}

/**
 * Forgets the default discovery, and what is under way; from then on a call that comes before `discover` fails at once with this. Only
 * tests do that.
 */
export function forgetDefaultDiscovery(explain: () => Error): void {
  working?.close();
  working = latest = undefined;
  workingNumber = ++count;
  explainMissing = explain;
}

/** The default discovery without waiting, once there is one. */
export function findDefaultDiscovery(): Discovery | undefined {
  return working;
}

/** The default discovery. @throws DiscoveryError as `getDiscovery` */
export async function getDefaultDiscovery(): Promise<Discovery> {
  if (!working && !latest && !explainMissing) await waitForCall();
  for (;;) {
    if (working) return working;
    if (!latest && explainMissing) throw explainMissing();
    const awaited = latest;
    try {
      await awaited;
    } catch (error) {
      // A call that came later may still succeed.
      if (!working && latest === awaited) throw error;
    }
  }
}

async function waitForCall(): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, true);
  });
  const isTooLate = await Promise.race([announced, tooLate]);
  clearTimeout(timer);
  if (isTooLate) throw new DiscoveryError('InvalidOptions', 'discover() was not called');
}
