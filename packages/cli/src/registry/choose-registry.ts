import { checkSourceUrl, DiscoveryError, findAwsApi } from '@amplify-discovery/core';
import type { AwsCredentials } from '@amplify-discovery/aws';
import { checkNames } from './check-names.ts';
import { localSettingsFile, type FileSettings } from './parse-settings-file.ts';
import type { FileReading } from './read-settings-files.ts';

/** The settings of the command line. */
export interface ExplicitSettings {
  readonly registry?: string | undefined;
  readonly local: boolean;
  readonly region?: string | undefined;
  readonly 'api-key'?: string | undefined;
  readonly as?: string | undefined;
}

/** The registry a command talks to, and what is known for it. */
export interface RegistrySettings {
  readonly url: string;
  /** What named it: `--registry`, `DISCOVERY_REGISTRY_URL` or a file. */
  readonly origin: string;
  readonly region?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly credentials?: AwsCredentials | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly trustedHosts?: readonly string[] | undefined;
  /** The regions that the entry `aws` of the trusted hosts stands for. */
  readonly regions?: readonly string[] | undefined;
  readonly prefer?: readonly string[] | undefined;
  /** Where a local registry keeps the log of its changes. */
  readonly auditFolder?: string | undefined;
}

/**
 * The registry that the command line, the environment or the first file names, in this order. A file adds its API key,
 * credentials, stage and trusted hosts only to the registry that it names itself, and the environment's key goes only
 * where the option or the environment points: no file in a folder can redirect a key to a server of its choice.
 *
 * @throws DiscoveryError `InvalidOptions` when nothing names a registry, or what names it is invalid.
 */
export function chooseRegistry(
  explicit: ExplicitSettings,
  env: Readonly<Record<string, string | undefined>>,
  files: readonly FileReading[],
): RegistrySettings {
  const { url, origin } = chooseUrl(explicit, env, files);
  const { hostname } = checkSourceUrl(url, origin);
  const usable = files.filter((reading): reading is FileSettings => !('fault' in reading));
  const file =
    usable.find((candidate) => candidate.file === origin) ?? usable.find((candidate) => candidate.url === url);
  // Whatever file names a local registry, its own has the credentials for it.
  const keeper = usable.find((candidate) => candidate.url === url && candidate.credentials) ?? file;
  const isOwnChoice = origin === '--registry' || origin === 'DISCOVERY_REGISTRY_URL';
  const fromEnv = (name: string) => env[name] || undefined;
  return {
    url,
    origin,
    region:
      explicit.region ??
      findAwsApi(hostname)?.region ??
      file?.region ??
      fromEnv('AWS_REGION') ??
      fromEnv('AWS_DEFAULT_REGION'),
    apiKey: explicit['api-key'] ?? (isOwnChoice ? fromEnv('DISCOVERY_API_KEY') : undefined) ?? file?.apiKey,
    credentials: chooseCredentials(explicit.as, keeper),
    stages: chooseStages(env, file),
    trustedHosts: file?.trustedHosts,
    regions: file?.regions,
    prefer: file?.prefer,
    auditFolder: keeper?.auditFolder,
  };
}

/** The stages that the environment or else the file names. @throws DiscoveryError `InvalidOptions` */
export function chooseStages(
  env: Readonly<Record<string, string | undefined>>,
  file: FileSettings | undefined,
): readonly string[] | undefined {
  const stages = env['DISCOVERY_STAGE'];
  return stages ? checkNames('DISCOVERY_STAGE', stages.split(',')) : file?.stages;
}

function chooseCredentials(name: string | undefined, file: FileSettings | undefined): AwsCredentials | undefined {
  if (name === undefined) return file?.credentials;
  const identities = new Map(Object.entries(file?.identities ?? {}));
  const found = identities.get(name);
  if (found) return found;
  const known = identities.size > 0 ? `there are ${[...identities.keys()].join(', ')}` : 'it has none';
  throw new DiscoveryError(
    'InvalidOptions',
    `--as: the local registry has no identity "${name}": ${known}. Start it with discovery dev --identity ${name}`,
  );
}

function chooseUrl(
  { registry, local }: ExplicitSettings,
  env: Readonly<Record<string, string | undefined>>,
  files: readonly FileReading[],
): { readonly url: string; readonly origin: string } {
  if (registry !== undefined) return { url: registry, origin: '--registry' };
  const envUrl = env['DISCOVERY_REGISTRY_URL'];
  if (envUrl && !local) return { url: envUrl, origin: 'DISCOVERY_REGISTRY_URL' };
  const file = local ? files.find((candidate) => candidate.file === localSettingsFile) : files[0];
  if (file && 'fault' in file) throw file.fault;
  if (file) return { url: file.url, origin: file.file };
  throw new DiscoveryError(
    'InvalidOptions',
    local
      ? `There is no ${localSettingsFile} here: start the local registry with "discovery dev"`
      : 'No registry is named: give --registry or DISCOVERY_REGISTRY_URL, run this where amplify_outputs.json is, or start one with "discovery dev"',
  );
}
