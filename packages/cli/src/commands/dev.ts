import { resolve } from 'node:path';
import { DiscoveryError } from '@amplify-discovery/core';
import { defineCommand, type Command } from '../terminal/command.ts';
import { localHosts, localSettingsFile } from '../registry/parse-settings-file.ts';

/** Where the router answers. */
const mount = '/r';

/** `discovery dev` */
export const devCommand: Command = defineCommand({
  name: 'dev',
  summary: 'Runs the registry on this machine until Ctrl-C.',
  details:
    'The same schema and resolvers as in AWS, on 127.0.0.1 only. Its URL and credentials go to .local/registry.json (mode\n' +
    '0600; keep .local/ out of version control), where the other commands find them. Data stay in .local/data. Below\n' +
    '/r/STAGE/SERVICE it forwards requests to what is registered, for curl, webhooks and whatever has no discovery.',
  arguments: [],
  options: {
    port: { kind: 'number', value: 'PORT', help: 'Default: 0, any free one.' },
    'data-folder': { kind: 'text', value: 'DIR', help: 'Default: .local/data.' },
    memory: { kind: 'flag', help: 'Keep no data.' },
    'trusted-host': {
      kind: 'list',
      value: 'PATTERN',
      help: 'A host that /r/… forwards to. Default: this machine, any port.',
    },
    identity: {
      kind: 'list',
      value: 'NAME',
      help: 'Another identity, to try rules with: other commands take it as --as NAME.',
    },
    json: { kind: 'flag', help: 'Print URL, router URL, region and API key as one line of JSON.' },
  },
  examples: [
    ['discovery dev', 'start it'],
    ['discovery dev --port 20002 --memory', 'on a fixed port, without keeping data'],
  ],
  async run({ options }, context) {
    const { port = 0 } = options;
    if (!Number.isInteger(port) || port > 65_535)
      throw new DiscoveryError('InvalidOptions', `--port must be a whole number from 0 to 65535: it is ${port}`);
    const { startLocalRegistry } = await import('@amplify-discovery/local');
    const { apiKeyTransport } = await import('@amplify-discovery/registry');
    const { createRouterHandler } = await import('../registry/create-router-handler.ts');
    const trustedHosts = options['trusted-host'].length > 0 ? options['trusted-host'] : localHosts;
    const { now } = context;
    const registry = await startLocalRegistry({
      port,
      identities: options.identity,
      credentialsFile: resolve(context.cwd, localSettingsFile),
      ...(!options.memory && { dataFolder: resolve(context.cwd, options['data-folder'] ?? '.local/data') }),
      createHandlers: (access) => ({
        [mount]: createRouterHandler({ transport: apiKeyTransport(access), mount, trustedHosts, now }),
      }),
      now,
    });
    try {
      const { url, region, apiKey } = registry;
      const routerUrl = new URL(mount, url).href;
      if (options.json) context.printJson({ url, routerUrl, region, apiKey, credentialsFile: localSettingsFile }, true);
      else {
        context.print(
          `Registry   ${url}`,
          `Router     ${routerUrl}/STAGE/SERVICE/…`,
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
