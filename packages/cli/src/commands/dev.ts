import { resolve } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import { defineCommand, type Command } from '../terminal/command.ts';
import { localSettingsFile } from '../registry/read-settings-files.ts';

/** `discovery dev` */
export const devCommand: Command = defineCommand({
  name: 'dev',
  summary: 'Runs the registry on this machine until Ctrl-C.',
  details:
    'The same schema and resolvers as in AWS, on 127.0.0.1 only. Its URL and credentials go to .local/registry.json (mode\n' +
    '0600; keep .local/ out of version control), where the other commands find them. Data stay in .local/data.',
  arguments: [],
  options: {
    port: { kind: 'number', value: 'PORT', help: 'Default: 0, any free one.' },
    'data-folder': { kind: 'text', value: 'DIR', help: 'Default: .local/data.' },
    memory: { kind: 'flag', help: 'Keep no data.' },
    json: { kind: 'flag', help: 'Print URL, region and API key as one line of JSON.' },
  },
  examples: [
    ['discovery dev', 'start it'],
    ['discovery dev --port 20002 --memory', 'on a fixed port, without keeping data'],
  ],
  async run({ options }, context) {
    const { port = 0 } = options;
    if (!Number.isInteger(port) || port > 65_535)
      throw new DiscoveryError('InvalidOptions', `--port: ${port} is no port`);
    const { startLocalRegistry } = await import('@amplify-discovery/local');
    const registry = await startLocalRegistry({
      port,
      credentialsFile: resolve(context.cwd, localSettingsFile),
      ...(!options.memory && { dataFolder: resolve(context.cwd, options['data-folder'] ?? '.local/data') }),
      now: context.now,
    });
    try {
      const { url, region, apiKey } = registry;
      if (options.json) context.printJson({ url, region, apiKey, credentialsFile: localSettingsFile }, true);
      else {
        context.print(
          `Registry   ${url}`,
          `API key    ${apiKey} (reads)`,
          `Region     ${region}`,
          `Credentials for writing are in ${localSettingsFile}; commands run in this folder find them.`,
          'Ctrl-C stops it.',
        );
      }
      await waitForAbort(context.signal);
    } finally {
      await registry.stop();
    }
  },
});

function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
