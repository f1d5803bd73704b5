import { credentialsFromEnvironment, type AwsCredentials } from '@amplify-discovery/aws';
import { parseSettings } from '@amplify-discovery/aws/settings';
import { check, object, optional, pipe, string } from 'valibot';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Configuration {
  /** The registry's GraphQL endpoint. */
  readonly url: string;
  /** What its registrations know it by: its name, or its URL where it has none. */
  readonly registry: string;
  /** The region that requests to it are signed for. */
  readonly region: string;
  /** What Lambda holds for the function's role at the moment. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** The name that the registry publishes itself under. */
  readonly name: string | undefined;
  /** Lambda's own. */
  readonly ownRegion: string;
  readonly ssmEndpoint: string | undefined;
}

const schema = object({
  REGISTRY_URL: pipe(
    string(),
    check((text) => URL.canParse(text), "must be the URL of the registry's GraphQL endpoint"),
  ),
  REGISTRY_REGION: optional(string()),
  REGISTRY_NAME: optional(string()),
  AWS_ENDPOINT_URL: optional(string()),
  AWS_ENDPOINT_URL_SSM: optional(string()),
  /** Lambda sets it. */
  AWS_REGION: string(),
});

/**
 * The function's configuration, from `REGISTRY_URL`, `REGISTRY_REGION` (without it Lambda's own region) and `REGISTRY_NAME`.
 *
 * @throws DiscoveryError `InvalidOptions`, naming each variable that is missing or malformed.
 */
export function readConfiguration(environment: Environment): Configuration {
  const { REGISTRY_REGION, AWS_REGION = REGISTRY_REGION, ...given } = withoutEmpty(environment);
  const settings = parseSettings(schema, { ...given, REGISTRY_REGION, AWS_REGION }, "The registrar's environment");
  return {
    url: settings.REGISTRY_URL,
    registry: settings.REGISTRY_NAME ?? settings.REGISTRY_URL,
    region: settings.REGISTRY_REGION ?? settings.AWS_REGION,
    credentials: credentialsFromEnvironment(environment),
    name: settings.REGISTRY_NAME,
    ownRegion: settings.AWS_REGION,
    ssmEndpoint: settings.AWS_ENDPOINT_URL_SSM ?? settings.AWS_ENDPOINT_URL,
  };
}

/** A variable that is set to nothing is not set. */
function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '' && value !== undefined));
}
