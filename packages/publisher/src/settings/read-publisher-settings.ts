import { DiscoveryError, endpointKinds, type EndpointKind } from '@amplify-discovery/core';

export interface PublisherSettings {
  readonly registryUrl: string;
  readonly registryRegion: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly keyId?: string | undefined;
  readonly kid?: string | undefined;
  readonly lifetimeSeconds?: number | undefined;
  readonly publicRule: {
    readonly kinds?: readonly EndpointKind[] | undefined;
    readonly services?: readonly string[] | undefined;
  };
  readonly s3Endpoint?: string | undefined;
  readonly kmsEndpoint?: string | undefined;
}

/**
 * The publisher's settings from its environment variables.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the variable.
 */
export function readPublisherSettings(env: Readonly<Record<string, string | undefined>>): PublisherSettings {
  function need(variable: string): string {
    const value = env[variable];
    if (value) return value;
    throw new DiscoveryError('InvalidOptions', `${variable} is not set`);
  }
  const list = (variable: string) =>
    env[variable]
      ?.split(',')
      .map((part) => part.trim())
      .filter(Boolean);
  const region = need('AWS_REGION');
  const lifetimeSeconds = env.DISCOVERY_LIFETIME_SECONDS ? Number(env.DISCOVERY_LIFETIME_SECONDS) : undefined;
  if (lifetimeSeconds !== undefined && !(lifetimeSeconds >= 60)) {
    throw new DiscoveryError(
      'InvalidOptions',
      `DISCOVERY_LIFETIME_SECONDS: "${env.DISCOVERY_LIFETIME_SECONDS}" is not 60 or more`,
    );
  }
  const kinds = list('DISCOVERY_PUBLIC_KINDS');
  const unknown = kinds?.find((kind) => !(endpointKinds as readonly string[]).includes(kind));
  if (unknown)
    throw new DiscoveryError('InvalidOptions', `DISCOVERY_PUBLIC_KINDS: "${unknown}" is no kind of endpoint`);
  return {
    registryUrl: need('DISCOVERY_REGISTRY_URL'),
    registryRegion: env.DISCOVERY_REGISTRY_REGION || region,
    region,
    bucket: need('DISCOVERY_SNAPSHOT_BUCKET'),
    prefix: env.DISCOVERY_SNAPSHOT_PREFIX ?? '',
    keyId: env.DISCOVERY_SNAPSHOT_KEY || undefined,
    kid: env.DISCOVERY_SNAPSHOT_KID || undefined,
    lifetimeSeconds,
    publicRule: {
      kinds: kinds as readonly EndpointKind[] | undefined,
      services: list('DISCOVERY_PUBLIC_SERVICES'),
    },
    s3Endpoint: env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined,
    kmsEndpoint: env.AWS_ENDPOINT_URL_KMS || env.AWS_ENDPOINT_URL || undefined,
  };
}
