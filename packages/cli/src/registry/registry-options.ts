import { systems } from '@amplify-discovery/bridges';
import type { OptionSpec } from '../terminal/command.ts';

/** Of every system, as command lines name it. */
const readable = [...systems].filter(([, { createSource }]) => createSource);

/** The option that has another system read instead of the registry. */
export const sourceOption: OptionSpec & { readonly kind: 'text' } = {
  kind: 'text',
  value: 'SYSTEM',
  help: `Read another system instead of the registry: ${readable.map(([name, { address }]) => `${name}:${address}`).join(', ')}. Its hosts must be listed as trusted.`,
};

/** The options of every command that talks to a registry. */
export const registryOptions = {
  registry: { kind: 'text', value: 'URL', help: "The registry's GraphQL endpoint. Default: see discovery --help." },
  local: {
    kind: 'flag',
    help: 'Use the local registry that `discovery dev` started here, whatever else is configured.',
  },
  region: { kind: 'text', value: 'REGION', help: "The registry's AWS region. Default: from its URL or AWS_REGION." },
  'api-key': { kind: 'text', value: 'KEY', help: 'Read with this API key. Default: DISCOVERY_API_KEY or the outputs.' },
  as: { kind: 'text', value: 'NAME', help: 'As this identity of the local registry, to try rules with.' },
  timeout: { kind: 'number', value: 'SECONDS', help: 'How long the registry may take to answer. Default: 10.' },
  json: { kind: 'flag', help: 'Print JSON for programs.' },
} as const;

/** The option that names the stage a command works in. */
export const stageOption = {
  kind: 'text',
  value: 'STAGE',
  help: 'The stage. Default: DISCOVERY_STAGE or the outputs.',
} as const;
