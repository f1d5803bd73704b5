import { objectPrefix, parseEnvironment } from '@amplify-discovery/aws/settings';
import { optional, strictObject, string } from 'valibot';

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
  DISCOVERY_AUDIT_PREFIX: optional(objectPrefix, ''),
});

/**
 * The settings of the log's function from its environment variables.
 *
 * @throws DiscoveryError `InvalidOptions`
 */
export function readAuditSettings(env: Readonly<Record<string, string | undefined>>): AuditSettings {
  const given = parseEnvironment(schema, env);
  return {
    region: given.AWS_REGION,
    bucket: given.DISCOVERY_AUDIT_BUCKET,
    prefix: given.DISCOVERY_AUDIT_PREFIX,
    s3Endpoint: given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL,
  };
}
