import type {
  OverrideEndpointInput,
  OverriddenValues,
  RegisteredEndpoint,
} from '@amplify-discovery/registry/operations';

/** What a record's present override says: another override has to say it again, because it replaces this one. */
export function continueOverride({
  override,
  ...served
}: RegisteredEndpoint): Pick<OverrideEndpointInput, keyof OverriddenValues> {
  if (!override) return {};
  const fields = Object.keys(override.registered) as (keyof OverriddenValues)[];
  const kept = fields.filter((field) => served[field] !== null && served[field] !== override.registered[field]);
  return Object.fromEntries(kept.map((field) => [field, served[field]]));
}
