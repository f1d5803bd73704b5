import { findNearNames } from '@amplify-discovery/core';
import { listStages } from '@amplify-discovery/registry/operations';
import type { CommandContext } from '../terminal/command-context.ts';
import type { Connection } from './connect-registry.ts';

const namedStages = 10;

/**
 * If none of the stages has an endpoint, notes which stages have. Needs IAM credentials; without them, or when anything fails,
 * it notes nothing, as with another system than a registry.
 */
export async function noteStages(
  wanted: readonly string[],
  registry: Connection | undefined,
  { note }: CommandContext,
): Promise<void> {
  const signed = await registry?.findSigned();
  const stages = signed && (await listStages(signed, registry?.operation).catch(() => undefined));
  if (!stages || wanted.some((stage) => stages.includes(stage))) return;
  const near = wanted.flatMap((stage) => findNearNames(stage, stages));
  if (near.length > 0) note(`Did you mean the stage "${near[0]}"?`);
  else if (stages.length === 0) note('No stage of this registry has an endpoint.');
  else {
    const more = stages.length > namedStages ? ` and ${stages.length - namedStages} more` : '';
    note(`Stages that have endpoints: ${stages.slice(0, namedStages).join(', ')}${more}.`);
  }
}
