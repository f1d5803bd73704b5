import { isName } from '@amplify-discovery/core';

/**
 * Whether the stage can have objects: `{stage}.json` of a stage that ends in `.public` would be `{stage}.public.json` of
 * another one, so everything in it would be public, and the other's readers would be without.
 */
export function isPublishable(stage: unknown): stage is string {
  return isName(stage) && !stage.endsWith('.public');
}
