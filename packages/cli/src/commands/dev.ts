import { resolve } from 'node:path';
import type { ConsoleHandler } from '@amplify-discovery/console';
import { DiscoveryError } from '@amplify-discovery/core';
import { createConsoleBackend } from '../console/create-console-backend.ts';
import { connectLocal } from '../registry/connect-local.ts';
import { readStageNames } from '../registry/app-settings.ts';
import { facadeNames } from '../registry/facade-names.ts';
import { getOwner } from '../registry/get-owner.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { waitForAbort } from '../terminal/wait-for-abort.ts';
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
    '/r/STAGE/SERVICE it forwards requests to what is registered, for curl, webhooks and whatever has no discovery; at / it\n' +
    "serves the console. With --facade it answers other systems' read APIs too: see discovery facade.",
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
    facade: {
      kind: 'list',
      value: 'SYSTEM',
      help: `Answer this system's read API: ${facadeNames.join(', ')}. May be repeated.`,
    },
    stage: {
      kind: 'list',
      value: 'STAGE',
      help: 'A stage that facades serve, the first one to callers that name none. May be repeated. Default: DISCOVERY_STAGE or the outputs.',
    },
    json: { kind: 'flag', help: 'Print the URLs, region and API key as one line of JSON.' },
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
    const { apiKeyTransport, registrySource } = await import('@amplify-discovery/registry');
    const { createFacadeHandlers, describeUsage } = await import('../registry/create-facade-handlers.ts');
    const { createRouterHandler } = await import('../registry/create-router-handler.ts');
    const { createConsoleHandler, createConsoleListener, readPageFiles } = await import('@amplify-discovery/console');
    const { pageFolder } = await import('@amplify-discovery/console/page-folder.cjs');
    const files = await readPageFiles(pageFolder);
    const trustedHosts = options['trusted-host'].length > 0 ? options['trusted-host'] : localHosts;
    const { now } = context;
    const owner = getOwner(undefined, context);
    const facades = options.facade;
    const stages = facades.length > 0 ? await readStageNames({ stage: options.stage, local: false }, context) : [];
    let page: ConsoleHandler | undefined;
    const registry = await startLocalRegistry({
      port,
      identities: options.identity,
      credentialsFile: resolve(context.cwd, localSettingsFile),
      ...(!options.memory && { dataFolder: resolve(context.cwd, options['data-folder'] ?? '.local/data') }),
      createHandlers(access) {
        const trust = { trustedHosts };
        const options = { trust, owner, probes: true, writes: true };
        page = createConsoleHandler({
          backend: createConsoleBackend(connectLocal(access, context), options, context),
          files,
          now,
        });
        const transport = apiKeyTransport(access);
        const answersFor = {
          source: registrySource({ transport }),
          stages,
          trust,
          freshSeconds: 1,
          now,
          note: context.note,
        };
        return {
          ...(facades.length > 0 && createFacadeHandlers(facades, answersFor).handlers),
          [mount]: createRouterHandler({ transport, mount, trustedHosts, now }),
          '': createConsoleListener(page),
        };
      },
      now,
    });
    try {
      const { url, region, apiKey } = registry;
      const routerUrl = new URL(mount, url).href;
      const consoleUrl = page?.createLink(new URL(url).origin);
      if (options.json)
        context.printJson({ url, routerUrl, consoleUrl, region, apiKey, credentialsFile: localSettingsFile }, true);
      else {
        context.print(
          `Registry   ${url}`,
          `Router     ${routerUrl}/STAGE/SERVICE/…`,
          `Console    ${consoleUrl} (opens one window, within ten minutes)`,
          ...facades.map((name) => `Facade     ${describeUsage(name, new URL(url).origin)}`),
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
