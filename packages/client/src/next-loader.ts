/// <reference types="node" />
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DevelopmentFiles } from './development-files.ts';
import { layLocalRegistry } from './lay-local-registry.ts';
import { refuseLocalRegistry } from './refuse-local-registry.ts';

export interface LoaderOptions extends Required<DevelopmentFiles> {
  readonly isDevelopment: boolean;
}

/** As far as it is used; see webpack's `LoaderContext`. */
export interface LoaderScope {
  /** The project's root. */
  readonly rootContext: string;
  getOptions(): LoaderOptions;
  addDependency(file: string): void;
  addMissingDependency(file: string): void;
}

/** The loader that `withDiscovery` adds: gives the outputs file, JSON in and out. @throws DiscoveryError `InvalidOptions` */
async function loadOutputs(this: LoaderScope, text: string): Promise<string> {
  const { settings, outputs, isDevelopment } = this.getOptions();
  if (!isDevelopment) {
    refuseLocalRegistry(text, outputs);
    return text;
  }
  const file = resolve(this.rootContext, settings);
  const local = await readFile(file, 'utf8').catch(() => undefined);
  if (local === undefined) {
    this.addMissingDependency(file);
    return text;
  }
  this.addDependency(file);
  return layLocalRegistry(text, local, settings);
}

// oxlint-disable-next-line import/no-default-export -- bundlers call it
export default loadOutputs;
