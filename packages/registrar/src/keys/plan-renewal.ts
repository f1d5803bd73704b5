import { chooseKeyExpiry } from '@amplify-discovery/registry';

/** An API key as AppSync lists it. */
export interface ListedKey {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly description?: string | undefined;
}

export interface RenewalPlan {
  /** The keys whose end is to be put off. */
  readonly renewals: readonly ListedKey[];
  /** Until when, in seconds since the epoch. */
  readonly expires: number;
  /** Keys that AppSync no longer has: it deletes them 60 days after they expired. */
  readonly gone: readonly string[];
}

/**
 * Which of the registry's keys to renew now, and until when. They keep their ids, so what deployed apps hold stays valid. The new
 * end moves once a month, and is the one that a deployment in this month gives, so that neither takes back what the other did.
 */
export function planRenewal(ids: readonly string[], listed: readonly ListedKey[], now: Date): RenewalPlan {
  const expires = chooseKeyExpiry(now).getTime() / 1000;
  const own = listed.filter(({ id }) => ids.includes(id));
  return {
    renewals: own.filter((key) => key.expires < expires),
    expires,
    gone: ids.filter((id) => !own.some((key) => key.id === id)),
  };
}
