import { isDiscoveryError } from '@amplify-discovery/core';
import { describeReaders } from '@amplify-discovery/registry';
import { configSchema } from './config-schema.ts';
import { formatRegistered, listRegistered } from './list-registered.ts';
import { planResources } from './plan-resources.ts';
import { readConfig, type DiscoveryConfig } from './read-config.ts';
import type { PluginOutput, Serverless } from './serverless.ts';

/**
 * The plugin of the Serverless Framework v3 and v4 and of osls. It adds a `Custom::ServiceEndpoint` for each endpoint of
 * `custom.discovery` to the compiled template: registering is part of the deployment, and removing the stack
 * de-registers.
 */
export class DiscoveryPlugin {
  readonly commands: object = {
    discovery: {
      usage: 'Show what is registered under the names of this service, in all stages',
      lifecycleEvents: ['list'],
      options: { json: { usage: 'Print JSON', type: 'boolean' } },
    },
  };
  readonly hooks: Readonly<Record<string, () => void | Promise<void>>>;
  readonly #serverless: Serverless;
  readonly #options: { readonly json?: boolean };
  readonly #output: PluginOutput;

  constructor(serverless: Serverless, options: { readonly json?: boolean }, output: PluginOutput) {
    this.#serverless = serverless;
    this.#options = options;
    this.#output = output;
    serverless.configSchemaHandler?.defineCustomProperties(configSchema);
    this.hooks = {
      // All APIs are compiled by then, and those in `resources` have been merged in.
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.#translate(() => this.#addResources()),
      'discovery:list': () => this.#translateAsync(() => this.#list()),
    };
  }

  #addResources(): void {
    const { custom, provider } = this.#serverless.service;
    const { compiledCloudFormationTemplate: template } = provider;
    const config = this.#readConfig();
    for (const advice of config.advice) this.#output.log.warning(`custom.discovery: ${advice}`);
    const { naming } = this.#serverless.getProvider('aws');
    const plan = planResources(config, { template, naming, custom, provider }, new Date());
    for (const { service, id, public: isPublic = false } of config.endpoints)
      this.#output.log.notice(`custom.discovery: ${service}/${id}. ${describeReaders(isPublic)}`);
    Object.assign(template.Resources, plan.Resources);
    if (Object.keys(plan.Parameters).length > 0) Object.assign((template.Parameters ??= {}), plan.Parameters);
  }

  async #list(): Promise<void> {
    const provider = this.#serverless.getProvider('aws');
    const custom = (this.#serverless.service.custom?.discovery ?? {}) as Readonly<Record<string, string | undefined>>;
    const endpoints = await listRegistered({
      services: this.#readConfig().endpoints.map(({ service }) => service),
      url: custom['registryUrl'],
      provider,
    });
    this.#output.writeText(this.#options.json ? JSON.stringify({ endpoints }, null, 2) : formatRegistered(endpoints));
  }

  #readConfig(): DiscoveryConfig {
    const { service, custom } = this.#serverless.service;
    return readConfig(custom?.discovery, { service, stage: this.#serverless.getProvider('aws').getStage() });
  }

  /** The framework shows its own class of errors to people without a stack. */
  #translate(task: () => void): void {
    try {
      task();
    } catch (error) {
      throw this.#toFrameworkError(error);
    }
  }

  async #translateAsync(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      throw this.#toFrameworkError(error);
    }
  }

  #toFrameworkError(error: unknown): unknown {
    if (!isDiscoveryError(error)) return error;
    const { Error: FrameworkError } = this.#serverless.classes;
    return new FrameworkError(`${error.message} ${error.recoverySuggestion}`, `DISCOVERY_${error.code}`);
  }
}
