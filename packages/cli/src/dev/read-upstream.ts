import { DiscoveryError, parseDiscoveryConfig, type DiscoveryConfig, type Source } from '@amplify-discovery/core';
import { record, string, unknown } from 'valibot';
import { openConnection } from '../registry/connect-registry.ts';
import { parseSettingsFile } from '../registry/parse-settings-file.ts';
import { readJsonFile } from '../terminal/read-json-file.ts';
import type { CommandContext } from '../terminal/command-context.ts';

/** The deployed registry that a registry on this machine reads through to. */
export interface Upstream {
  /** The whole outputs file. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Its `custom.discovery`. */
  readonly config: DiscoveryConfig;
  readonly source: Source;
  readonly stages: readonly string[];
}

/**
 * Reads an outputs file, and opens the registry that it names with the access that it names.
 *
 * @throws DiscoveryError `InvalidOptions` for a file without a registry or a stage, `CredentialsMissing` where the registry is read
 * with IAM and there are no AWS credentials.
 */
export async function readUpstream(file: string, context: CommandContext): Promise<Upstream> {
  const outputs = await readJsonFile('--upstream', file, context.cwd, record(string(), unknown()));
  const settings = parseSettingsFile(file, JSON.stringify(outputs));
  if (!settings?.stages)
    throw new DiscoveryError('InvalidOptions', `--upstream: ${file} names no registry and stage in custom.discovery`);
  const { custom } = outputs as { readonly custom?: { readonly discovery?: unknown } };
  const config = parseDiscoveryConfig(custom?.discovery, `${file}: custom.discovery`);
  const { source } = await openConnection({ ...settings, origin: file }, {}, context, 'read');
  return { outputs, config, source, stages: settings.stages };
}
