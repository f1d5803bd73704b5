import { openSource } from '@amplify-discovery/bridges';
import { DiscoveryError, isDiscoveryError, type Source } from '@amplify-discovery/core';
import type { CommandContext } from '../terminal/command-context.ts';
import { readAppSettings, type AppSettings } from './app-settings.ts';
import type { ExplicitSettings } from './choose-registry.ts';
import { connectRegistry, type Access, type Connection } from './connect-registry.ts';
import { createSystemContext } from './system-context.ts';

/** Where a command reads endpoints: the registry, or the other system that `--source` names. */
export interface Reading {
  readonly source: Source;
  /** Stages and trust, of the app that the command stands in for. */
  readonly settings: AppSettings;
  /** Undefined where another system is read. */
  readonly registry?: Connection | undefined;
}

export interface ReadingOptions extends ExplicitSettings {
  readonly source?: string | undefined;
  readonly timeout?: number | undefined;
}

/**
 * Opens what the options name for reading. Another system is read with the app's stage and trust rule, but needs no registry.
 *
 * @throws DiscoveryError `InvalidOptions`, `CredentialsMissing`.
 */
export async function openReading(options: ReadingOptions, context: CommandContext, access: Access): Promise<Reading> {
  const { source: reference, timeout } = options;
  if (reference === undefined) {
    const registry = await connectRegistry(options, context, access);
    return { source: registry.source, settings: registry.settings, registry };
  }
  const contradiction = (['registry', 'local', 'api-key', 'as'] as const).find((name) => options[name]);
  if (contradiction !== undefined)
    throw new DiscoveryError(
      'InvalidOptions',
      `--source is read instead of the registry: leave out --${contradiction}`,
    );
  const source = await openSource(reference, createSystemContext(options, context));
  return {
    source: timeout === undefined ? source : limitLoads(source, timeout),
    settings: await readAppSettings(options, context),
  };
}

/** The source, a load of which ends after so many seconds. */
function limitLoads(source: Source, seconds: number): Source {
  return {
    ...source,
    async load(request) {
      const limit = AbortSignal.timeout(seconds * 1000);
      try {
        return await source.load({ ...request, signal: AbortSignal.any([request.signal, limit]) });
      } catch (error) {
        if (!limit.aborted || request.signal.aborted || isDiscoveryError(error)) throw error;
        const { stage } = request;
        throw new DiscoveryError('RegistryUnavailable', `"${stage}" in ${source.name}: no answer in ${seconds} s`, {
          stage,
        });
      }
    },
  };
}
