import type { CommandContext } from '../terminal/command-context.ts';

/** The option that answers the question of a command which shows its plan. */
export const yesOption = { kind: 'flag', help: 'Write what the plan says without asking.' } as const;

export interface CarryOutOptions<T> {
  /** What would be written, a line for each write. */
  readonly plan: readonly string[];
  readonly options: { readonly yes: boolean; readonly json: boolean };
  /** Where it is written, for a person who waits. */
  readonly url: string;
  readonly write: () => Promise<T>;
}

/**
 * Shows the plan, asks, and writes. Without a terminal and with `--json` there is no question, and only `--yes` writes. What
 * the write returned; undefined where nothing was written.
 */
export async function carryOut<T>(
  { plan, options, url, write }: CarryOutOptions<T>,
  context: CommandContext,
): Promise<T | undefined> {
  if (!options.json) context.print(...plan);
  if (options.yes || (!options.json && (await isAgreed(context)))) return context.wait(`Writing ${url}`, write());
  if (!options.json) context.note('Nothing was written: --yes does it.');
  return undefined;
}

async function isAgreed({ findAnswer }: CommandContext): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test((await findAnswer('Write this? [y/N] ')) ?? '');
}
