import type { AmplifyMeta, AmplifyResource } from './amplify-context.ts';

/** A resource of the project by its names, which may be those of object members; undefined when there is none. */
export function findResource(meta: AmplifyMeta, category: string, name: string): AmplifyResource | undefined {
  const resources = Object.hasOwn(meta, category) ? meta[category] : undefined;
  return resources !== undefined && Object.hasOwn(resources, name) ? resources[name] : undefined;
}
