import { DiscoveryError, isDiscoveryError, isName, type Source } from '@amplify-discovery/core';
import { apiKeyTransport, registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import type { OperationOptions } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { authorizePost, type Signing } from './authorize-post.ts';
import { checkNames } from './check-names.ts';
import { chooseRegistry, type ExplicitSettings, type RegistrySettings } from './choose-registry.ts';
import type { CommandContext } from '../terminal/command-context.ts';
import { readSettingsFiles } from './read-settings-files.ts';

/** An open connection to a registry. */
export interface Connection {
  readonly settings: RegistrySettings;
  readonly transport: GraphqlTransport;
  /** Requests are signed, so owners and tokens can be read. */
  readonly isSigned: boolean;
  /** A signing transport, if there are credentials. */
  readonly findSigned: () => Promise<GraphqlTransport | undefined>;
  readonly source: Source;
  /** Gives the headers that prove who is asking, the host among them, for a POST of this body to this URL. */
  readonly authorize: (url: string, body: string) => Promise<Readonly<Record<string, string>>>;
  /** For operations: the time limit and Ctrl-C. */
  readonly operation: OperationOptions;
}

/**
 * `read`: as an app with an API key. `signed`: with IAM credentials. Otherwise signed if there are credentials, else as an
 * app.
 */
export type Access = 'read' | 'signed' | 'prefer-signed';

/**
 * The registry that options, environment and files name, with the credentials for the access.
 *
 * @throws DiscoveryError `InvalidOptions`, `CredentialsMissing`.
 */
export async function connectRegistry(
  options: ExplicitSettings & { readonly timeout?: number | undefined },
  context: CommandContext,
  access: Access,
): Promise<Connection> {
  const settings = chooseRegistry(options, context.env, await readSettingsFiles(context.cwd));
  return openConnection(settings, options, context, access);
}

/**
 * A connection to this registry.
 *
 * @throws DiscoveryError `InvalidOptions`, `CredentialsMissing`.
 */
export async function openConnection(
  settings: RegistrySettings,
  { timeout = 10 }: { readonly timeout?: number | undefined },
  context: CommandContext,
  access: Access,
): Promise<Connection> {
  const timeoutMs = timeout * 1000;
  const { url, apiKey = '' } = settings;
  const { fetch, now } = context;
  const signing = await findSigning(settings, context, access);
  const openSigned = (found: Signing | undefined) => found && sigv4Transport({ url, ...found, fetch });
  const signed = openSigned(signing);
  const transport = signed ?? apiKeyTransport({ url, apiKey, fetch });
  return {
    settings,
    transport,
    isSigned: signed !== undefined,
    findSigned: async () =>
      signed ?? openSigned(await findSigning(settings, context, 'prefer-signed').catch(() => undefined)),
    authorize: (address, body) => authorizePost(address, body, { signing, apiKey, now }),
    source: registrySource({ transport, timeoutMs, name: settings.url }),
    operation: { timeoutMs, signal: context.signal, name: settings.url },
  };
}

async function findSigning(
  { url, region, apiKey, credentials }: RegistrySettings,
  { findCredentials }: CommandContext,
  access: Access,
): Promise<Signing | undefined> {
  if (access === 'read' && apiKey !== undefined) return undefined;
  try {
    if (region === undefined) {
      throw new DiscoveryError('InvalidOptions', `The region of ${url} is unknown: set --region or AWS_REGION`);
    }
    return { region, credentials: credentials ?? (await findCredentials()) };
  } catch (error) {
    if (access === 'prefer-signed' && apiKey !== undefined) return undefined;
    if (isDiscoveryError(error)) throw error;
    const needs = access === 'signed' ? 'This needs IAM credentials' : 'There is no API key';
    throw new DiscoveryError(
      'CredentialsMissing',
      `${needs}, and no AWS credentials were found: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** The stages a command reads: the explicit ones, or those of the settings. */
export function getStages(
  explicit: readonly string[],
  settings: Pick<RegistrySettings, 'origin' | 'stages'>,
): readonly string[] {
  const stages = explicit.length > 0 ? checkNames('--stage', explicit) : (settings.stages ?? []);
  if (stages.length === 0) {
    throw new DiscoveryError(
      'InvalidOptions',
      `No stage is named: give --stage or DISCOVERY_STAGE (${settings.origin} has none)`,
    );
  }
  return stages;
}

/** The one stage a command works in: the explicit one, or the first of the settings. */
export function getStage(explicit: string | undefined, settings: Pick<RegistrySettings, 'origin' | 'stages'>): string {
  return getStages(explicit === undefined ? [] : [explicit], settings)[0] as string;
}

/**
 * The stage and the registry's region, for commands that need no registry if the stage is explicit.
 */
export async function findStage(
  explicit: string | undefined,
  options: ExplicitSettings,
  { env, cwd }: CommandContext,
): Promise<{ readonly stage: string; readonly region: string | undefined }> {
  try {
    const settings = chooseRegistry(options, env, await readSettingsFiles(cwd));
    return { stage: getStage(explicit, settings), region: settings.region };
  } catch (error) {
    if (explicit === undefined || !isName(explicit)) throw error;
    return { stage: explicit, region: options.region };
  }
}
