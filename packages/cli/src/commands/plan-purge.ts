import type { ListedEndpoint } from '@amplify-discovery/console';
import { parseDateTime } from '@amplify-discovery/core';
import { isRuleAbout, type Rule } from '@amplify-discovery/registry/operations';

/** A preview stage that is not deployed any more. */
export interface AbandonedStage {
  readonly stage: string;
  /** Since when nothing has been written, and how long is allowed: for people. */
  readonly why: string;
  /** Why it stays nevertheless: it is protected or frozen. */
  readonly keptBy?: string | undefined;
  readonly records: readonly ListedEndpoint[];
}

export interface PurgeOptions {
  /** The records with owners, tokens and times. */
  readonly records: readonly ListedEndpoint[];
  readonly rules: readonly Rule[];
  /** Names or patterns of the stages that are previews. @default those of the rules of kind `previews` */
  readonly previews?: readonly string[] | undefined;
  /** How long a preview may go without a deployment. @default as long as its rule says, else 14 days */
  readonly olderThanMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const defaultMs = 14 * 86_400_000;

/**
 * The preview stages to which nothing has been deployed for too long. A stage is abandoned as a whole or not at all: a service that
 * did not change keeps its record from an earlier deployment.
 */
export function findAbandoned({ records, rules, previews, olderThanMs, now }: PurgeOptions): readonly AbandonedStage[] {
  const stages = [...new Set(records.map(({ stage }) => stage))].sort();
  return stages.flatMap((stage) => {
    const rule = rules.find((one) => one.kind === 'previews' && isRuleAbout(one, stage));
    const isPreview = previews === undefined ? rule !== undefined : isRuleAbout({ stages: previews }, stage);
    if (!isPreview) return [];
    const own = records.filter((record) => record.stage === stage);
    const times = own.map(({ updatedAt }) => (updatedAt === undefined ? now : parseDateTime(updatedAt)));
    const newest = Math.max(...times);
    const allowedMs = olderThanMs ?? (rule?.seconds ? rule.seconds * 1000 : defaultMs);
    if (now - newest <= allowedMs) return [];
    const since = new Date(newest).toISOString();
    const why = `nothing was deployed since ${since}, for more than ${describePeriod(allowedMs)}`;
    const keeper = rules.find((one) => ['protection', 'freeze'].includes(one.kind) && isRuleAbout(one, stage));
    return [{ stage, why, records: own, keptBy: keeper && `${keeper.kind} "${keeper.name}"` }];
  });
}

function describePeriod(milliseconds: number): string {
  const hours = Math.round(milliseconds / 3_600_000);
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
