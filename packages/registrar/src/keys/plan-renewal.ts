import type { ApiKey } from '@amplify-discovery/aws';
import { chooseKeyExpiry } from '@amplify-discovery/registry';

export interface RenewalPlan {
  /** The keys whose end is to be put off. */
  readonly renewals: readonly ApiKey[];
  /** Until when, in seconds since the epoch. */
  readonly expires: number;
  /** Keys that AppSync no longer has: it deletes them 60 days after they expired. */
  readonly gone: readonly string[];
}

/**
 * Which of the registry's keys to renew now, and until when. They keep their ids, so what deployed apps hold stays valid. The new
 * end moves once a month, and is the one that a deployment in this month gives, so that neither takes back what the other did.
 */
export function planRenewal(ids: readonly string[], listed: readonly ApiKey[], now: Date): RenewalPlan {
  const expires = chooseKeyExpiry(now).getTime() / 1000;
  const own = listed.filter(({ id }) => ids.includes(id));
  return {
    renewals: own.filter((key) => key.expires < expires),
    expires,
    gone: ids.filter((id) => !own.some((key) => key.id === id)),
  };
}
