import type { CommandContext } from '../terminal/command-context.ts';

/** The option of commands that show their plan and ask. */
export const yesOption = { kind: 'flag', help: 'Carry out the plan without asking.' } as const;

export interface CarryOutOptions<T> {
  /** The plan, a line for each write. */
  readonly plan: readonly string[];
  readonly options: { readonly yes: boolean; readonly json: boolean };
  /** Where it is written, for progress messages. */
  readonly url: string;
  readonly write: () => Promise<T>;
}

/**
 * Shows the plan, asks, and writes; returns what the write returned, or undefined if nothing was written. Without a terminal,
 * or with `--json`, it doesn't ask and writes only with `--yes`.
 */
export async function carryOut<T>(
  { plan, options, url, write }: CarryOutOptions<T>,
  context: CommandContext,
): Promise<T | undefined> {
  if (!options.json) context.print(...plan);
  if (options.yes || (!options.json && (await isAgreed(context)))) return context.wait(`Writing ${url}`, write());
  if (!options.json) context.note('Nothing was written. Use --yes to write.');
  return undefined;
}

async function isAgreed({ findAnswer }: CommandContext): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test((await findAnswer('Write this? [y/N] ')) ?? '');
}
