import { DiscoveryError } from '@amplify-discovery/core';
import { digestOf, type Template } from './build-template.ts';
import type { DiscoveryPlan } from './discovery-plan.ts';

/** A template that `amplify discovery` wrote and that has not been edited since. */
export interface OwnTemplate {
  readonly plan: DiscoveryPlan;
  readonly digest: string;
  /** The Amplify CLI's. */
  readonly description: string | undefined;
}

/**
 * What a template was made from, or undefined for a template that `amplify discovery` did not write.
 *
 * @throws DiscoveryError `InvalidOptions` when it was edited by hand since: overwriting it would lose the edit.
 */
export function readTemplate(text: string, file: string): OwnTemplate | undefined {
  const template = parseJson(text);
  if (template?.Metadata?.AmplifyDiscovery == null) return undefined;
  const { Metadata, ...body } = template;
  const { plan, digest } = Metadata.AmplifyDiscovery;
  if (digestOf(body, plan) !== digest) {
    throw new DiscoveryError(
      'InvalidOptions',
      `${file} was changed by hand, and this command would overwrite it. Undo the change (git checkout), use flags instead ` +
        `(amplify discovery help), or remove Metadata.AmplifyDiscovery to keep the file as your own.`,
    );
  }
  return { plan, digest, description: body.Description };
}

function parseJson(text: string): Partial<Template> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
