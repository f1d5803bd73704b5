import type { AwsCredentials } from '@amplify-discovery/aws';
import { parseJsonSettings } from '@amplify-discovery/aws/settings';
import { DiscoveryError, parseDiscoveryConfig } from '@amplify-discovery/core';
import { nonEmpty, object, optional, pipe, record, string } from 'valibot';

/** A file's settings for the registry. */
export interface FileSettings {
  readonly file: string;
  readonly url: string;
  readonly region?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly trustedHosts?: readonly string[] | undefined;
  /** The regions that the entry `aws` of the trusted hosts stands for. */
  readonly regions?: readonly string[] | undefined;
  readonly prefer?: readonly string[] | undefined;
  /** Only in the local registry's file. */
  readonly credentials?: AwsCredentials | undefined;
  /** Where the local registry keeps the log of its changes. */
  readonly auditFolder?: string | undefined;
  /** The credentials of the local registry's other identities, by their names. */
  readonly identities?: Readonly<Record<string, AwsCredentials>> | undefined;
}

/** Where the local registry writes its URL and credentials, relative to the working directory. */
export const localSettingsFile = '.local/registry.json';

/** This machine, any port: where services in development run. */
export const localHosts: readonly string[] = ['localhost:*', '127.0.0.1:*', '[::1]:*'];

const text = pipe(string(), nonEmpty('must not be empty'));
const localRegistry = object({
  url: text,
  region: text,
  apiKey: text,
  accessKeyId: text,
  secretAccessKey: text,
  auditFolder: optional(text),
  identities: optional(record(string(), object({ accessKeyId: text, secretAccessKey: text }))),
});

/**
 * The registry settings in a file, or undefined when it names no registry: `custom.discovery` of amplify_outputs.json and of
 * the Gen 1 exports (`.js` files are read as text, never run), or all of the local registry's file.
 *
 * @throws DiscoveryError `InvalidOptions`, with the file and the path of what is wrong in it.
 */
export function parseSettingsFile(file: string, content: string): FileSettings | undefined {
  return file === localSettingsFile ? parseLocalRegistry(file, content) : parseOutputs(file, content);
}

function parseOutputs(file: string, content: string): FileSettings | undefined {
  const { custom } = Object(file.endsWith('.js') ? findObject(content) : parseJson(file, content)) as {
    readonly custom?: { readonly discovery?: unknown } | null;
  };
  if (custom?.discovery === undefined) return undefined;
  const { registry, stage, ...trust } = parseDiscoveryConfig(custom.discovery, `${file}: custom.discovery`);
  if (!registry) return undefined;
  const { url, region, auth } = registry;
  return {
    file,
    url,
    region,
    apiKey: auth.mode === 'apiKey' ? auth.apiKey : undefined,
    stages: typeof stage === 'string' ? [stage] : stage,
    trustedHosts: trust.trustedHosts,
    regions: trust.regions,
    prefer: trust.prefer,
  };
}

function parseLocalRegistry(file: string, content: string): FileSettings {
  const { url, region, apiKey, auditFolder, identities, ...credentials } = parseJsonSettings(
    localRegistry,
    content,
    file,
  );
  return { file, url, region, apiKey, trustedHosts: localHosts, credentials, auditFolder, identities };
}

function parseJson(file: string, content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch (cause) {
    throw new DiscoveryError('InvalidOptions', `${file} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

/** The object that aws-exports.js assigns, if it is JSON, as the Amplify CLI writes it. */
function findObject(content: string): unknown {
  try {
    return JSON.parse(content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1)) as unknown;
  } catch {
    return undefined;
  }
}
