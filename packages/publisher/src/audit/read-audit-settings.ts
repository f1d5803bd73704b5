import { parseSettings } from '@amplify-discovery/aws/settings';
import { optional, pipe, regex, strictObject, string } from 'valibot';

export interface AuditSettings {
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly s3Endpoint?: string | undefined;
}

const schema = strictObject({
  AWS_REGION: string(),
  AWS_ENDPOINT_URL: optional(string()),
  AWS_ENDPOINT_URL_S3: optional(string()),
  DISCOVERY_AUDIT_BUCKET: string(),
  DISCOVERY_AUDIT_PREFIX: optional(
    pipe(
      string(),
      regex(
        /^([A-Za-z0-9][A-Za-z0-9._-]*\/)*$/,
        'is not like "discovery/", with a slash at its end and none at its start',
      ),
    ),
    '',
  ),
});

/**
 * The settings of the log's function from its environment variables. What is empty counts as not set.
 *
 * @throws DiscoveryError `InvalidOptions`, naming every variable that is wrong, missing, or begins with `DISCOVERY_` and is
 * not one of its settings.
 */
export function readAuditSettings(env: Readonly<Record<string, string | undefined>>): AuditSettings {
  const own = Object.entries(env).filter(
    ([name, value]) => value && (name.startsWith('DISCOVERY_') || Object.hasOwn(schema.entries, name)),
  );
  const given = parseSettings(schema, Object.fromEntries(own), '');
  return {
    region: given.AWS_REGION,
    bucket: given.DISCOVERY_AUDIT_BUCKET,
    prefix: given.DISCOVERY_AUDIT_PREFIX,
    s3Endpoint: given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL,
  };
}
