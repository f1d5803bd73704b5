import { parseJsonSettings } from '@amplify-discovery/aws/settings';
import { isCatalogUrl } from '../catalog/is-catalog-url.ts';
import { isPublishable } from '@amplify-discovery/snapshots';
import type { CatalogSettings } from '../catalog/publish-catalog.ts';
import { check, pipe, strictObject, string } from 'valibot';

const schema = strictObject({
  stage: pipe(
    string(),
    check((value) => isPublishable(value), 'is not a stage name, or ends in ".public"'),
  ),
  url: pipe(
    string(),
    check(
      (value) => isCatalogUrl(value),
      'is not like "https://api.example.com": the files are at the root of their host',
    ),
  ),
});

/**
 * The settings of the catalog, from their JSON text.
 *
 * @param where What the settings are read from, for errors.
 * @throws DiscoveryError `InvalidOptions`, with the path of what is wrong.
 */
export function parseCatalogSettings(text: string, where: string): CatalogSettings {
  return parseJsonSettings(schema, text, where);
}
