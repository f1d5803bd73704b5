import type { DevelopmentFiles } from './development-files.ts';
import type { LoaderOptions } from './next-loader.ts';

export type { DevelopmentFiles };

/** What Next.js itself types so. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

/** As far as it matters here; see Next.js's `NextConfig`. */
export interface NextConfigParts {
  readonly turbopack?: { readonly rules?: object | undefined } | undefined;
  readonly webpack?: ((config: Loose, context: Loose) => Loose) | null | undefined;
}

/** A configuration, or what makes one for the phase in which Next.js runs. */
export type NextConfigInput<Config> = Config | MakesConfig<Config>;

type MakesConfig<Config> = (phase: string, context: Loose) => Config | Promise<Config>;

/** Where the outputs file goes through a loader, with either bundler. */
type WithLoader<Config> = Omit<Config, 'turbopack' | 'webpack'> & {
  readonly turbopack: object;
  readonly webpack: (config: Loose, context: Loose) => Loose;
};

/**
 * Makes a development server of Next.js, with Turbopack or webpack, use the registry that `discovery dev` runs: while it does, what
 * the app imports from its outputs file names that registry in `custom.discovery`, so that no code of the app changes. A
 * production build whose outputs name a registry on this machine fails. Put it around what other wrappers give.
 *
 * @example
 * ```ts
 * import { withDiscovery } from 'amplify-discovery/next';
 *
 * export default withDiscovery({ reactStrictMode: true });
 * ```
 */
export function withDiscovery<Config extends object>(
  input: NextConfigInput<Config>,
  { settings = '.local/discovery.json', outputs = 'amplify_outputs.json' }: DevelopmentFiles = {},
): (phase: string, context: unknown) => Promise<Config> {
  return async (phase, context) => {
    const config = typeof input === 'function' ? await input(phase, context) : input;
    const parts: NextConfigParts = config;
    const options: LoaderOptions = { settings, outputs, isDevelopment: phase === 'phase-development-server' };
    const use = [{ loader: 'amplify-discovery/next-loader', options }];
    const added: WithLoader<Config> = {
      ...config,
      turbopack: { ...parts.turbopack, rules: { ...parts.turbopack?.rules, [outputs]: { loaders: use } } },
      webpack(bundler, scope) {
        const own = parts.webpack ? parts.webpack(bundler, scope) : bundler;
        const isOutputs = (path: string) => path.split(/[\\/]/).at(-1) === outputs;
        return { ...own, module: { ...own.module, rules: [...own.module.rules, { test: isOutputs, use }] } };
      },
    };
    return added as unknown as Config;
  };
}
