import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AmplifyContext, AmplifyResource, CommandOptions } from '../src/amplify-context.ts';

/** A project on disk with a context that keeps the CLI's books in memory. Tests only. */
export interface FakeAmplifyProject {
  readonly folder: string;
  readonly meta: Record<string, Record<string, AmplifyResource>>;
  /** What was printed, `warning: …`. */
  readonly printed: string[];
  /** The answers to come, in the order of the questions. */
  readonly answers: unknown[];
  /** What an override makes of the template of `api/NAME` when the CLI builds it. */
  readonly overrides: Map<string, object>;
  /** Writes the template that the CLI has built for `api/NAME`. */
  build(name: string, template: object): void;
  context(command: string, options?: CommandOptions, subCommands?: readonly string[]): AmplifyContext;
  remove(): void;
}

/** Makes a project with a REST API `orders`, a GraphQL API `blog` and a function `ordersFunction`, none of them pushed. */
export function createFakeAmplifyProject(): FakeAmplifyProject {
  const folder = mkdtempSync(join(tmpdir(), 'amplify-project-'));
  const meta: Record<string, Record<string, AmplifyResource>> = {
    providers: { awscloudformation: {} },
    api: { orders: { service: 'API Gateway' }, blog: { service: 'AppSync' } },
    function: { ordersFunction: { service: 'Lambda' } },
  };
  const printed: string[] = [];
  const answers: unknown[] = [];
  const overrides = new Map<string, object>();
  const printer = (kind: string) => (message: string) => void printed.push(`${kind}: ${message}`);
  const amplify: AmplifyContext['amplify'] = {
    getProjectMeta: () => meta,
    getProjectConfig: () => ({ javascript: { config: { SourceDir: 'src' } } }),
    getEnvInfo: () => ({ envName: 'dev', projectPath: folder }),
    pathManager: { getBackendDirPath: () => join(folder, 'amplify/backend') },
    executeProviderUtils: async (
      _context,
      provider,
      utility,
      { resourcesToBuild }: { resourcesToBuild?: object[] },
    ) => {
      if (provider !== 'awscloudformation' || utility !== 'buildOverrides') throw new Error('there is no such utility');
      for (const resource of (resourcesToBuild ?? []) as {
        category: string;
        resourceName: string;
        service: string;
      }[]) {
        if (meta[resource.category]?.[resource.resourceName]?.service !== resource.service)
          throw new Error('no resource');
        build(resource.resourceName, overrides.get(resource.resourceName) ?? {});
      }
    },
    updateamplifyMetaAfterResourceAdd: (category, name, resource) => {
      if (meta[category]?.[name] !== undefined) throw new Error(`${name} is present in amplify-meta.json`);
      meta[category] = { ...meta[category], [name]: resource };
    },
    updateamplifyMetaAfterResourceUpdate: (category, name, attribute, value) => {
      meta[category] = { ...meta[category], [name]: { ...meta[category]?.[name], [attribute]: value } };
    },
    removeResource: (_context, category, name) => {
      delete meta[category]?.[name];
      rmSync(join(folder, 'amplify/backend', category, name), { recursive: true });
      return Promise.resolve();
    },
  };
  function build(name: string, template: object): void {
    const target = join(folder, 'amplify/backend/api', name, 'build');
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, `${name}-cloudformation-template.json`), JSON.stringify(template));
  }

  return {
    folder,
    meta,
    printed,
    answers,
    overrides,
    build,
    context: (command, options = {}, subCommands = []) => ({
      input: { command, subCommands },
      parameters: { options },
      print: {
        info: printer('info'),
        warning: printer('warning'),
        error: printer('error'),
        success: printer('success'),
      },
      prompt: {
        ask: (question) => Promise.resolve({ [(question as { name: string }).name]: answers.shift() }),
        confirm: () => Promise.resolve(answers.shift() === true),
      },
      amplify,
    }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
