import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConsoleHandler } from '@amplify-discovery/console';
import { createConsoleBackend } from '../console/create-console-backend.ts';
import { connectLocal } from '../registry/connect-local.ts';
import { readStageNames } from '../registry/app-settings.ts';
import { facadeNames } from '../registry/facade-names.ts';
import { getLocalOwner } from '../registry/get-owner.ts';
import { layServices, parseServices } from '../dev/lay-services.ts';
import { makeAppSettings } from '../dev/make-app-settings.ts';
import { readUpstream } from '../dev/read-upstream.ts';
import { runBeside } from '../dev/run-beside.ts';
import { startOnFreePort } from '../dev/start-on-free-port.ts';
import { writeAppSettings } from '../dev/write-app-settings.ts';
import { checkNames } from '../registry/check-names.ts';
import { replaceFile } from '../terminal/replace-file.ts';
import { checkPort } from '../terminal/check-port.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { waitForAbort } from '../terminal/wait-for-abort.ts';
import { localHosts, localSettingsFile } from '../registry/parse-settings-file.ts';

const defaultPort = 4440;

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
    'serves the console. While it runs, the plugins amplify-discovery/vite and amplify-discovery/next make an app use it.\n' +
    "With --facade it answers other systems' read APIs too: see discovery facade.",
  arguments: [
    {
      name: 'COMMAND',
      help: 'After --: a program to run beside it, such as npm run dev.',
      isOptional: true,
      isRest: true,
    },
  ],
  options: {
    port: { kind: 'number', value: 'PORT', help: 'Default: 4440, or the next free one. 0 takes any.' },
    service: {
      kind: 'list',
      value: 'NAME=URL',
      help: 'A service on this machine: orders=http://localhost:3000. Registered in the local stage. May be repeated.',
    },
    upstream: {
      kind: 'text',
      value: 'FILE',
      help: 'Outputs of a deployed app: its stages are read through, read-only, below the local one.',
    },
    'local-stage': { kind: 'text', value: 'STAGE', help: 'The stage of --service and --write. Default: local.' },
    write: {
      kind: 'text',
      value: 'FILE',
      help: 'Write outputs for the app here: those of --upstream, or what the file has, with this registry in them.',
    },
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
    [
      'discovery dev --service orders=http://localhost:3000 --upstream amplify_outputs.json --write src/local_outputs.json -- npm run dev',
      'one service here, the rest deployed, and the app beside it',
    ],
  ],
  async run({ arguments: beside, options }, context) {
    const { port = defaultPort } = options;
    checkPort(port);
    const { createFetchListener, startLocalRegistry } = await import('@amplify-discovery/local');
    const { apiKeyTransport, registrySource } = await import('@amplify-discovery/registry');
    const { createFacadeHandlers, describeUsage } = await import('../registry/create-facade-handlers.ts');
    const { createRouterHandler } = await import('../registry/create-router-handler.ts');
    const { createConsoleHandler, readPageFiles } = await import('@amplify-discovery/console');
    const { pageFolder } = await import('@amplify-discovery/console/page-folder.cjs');
    const files = await readPageFiles(pageFolder);
    const trustedHosts = options['trusted-host'].length > 0 ? options['trusted-host'] : localHosts;
    const { now } = context;
    const owner = getLocalOwner(context);
    const facades = options.facade;
    const stages = facades.length > 0 ? await readStageNames({ stage: options.stage, local: false }, context) : [];
    const services = parseServices(options.service);
    const localStage = checkNames('--local-stage', [options['local-stage'] ?? 'local'])[0] as string;
    const upstream = options.upstream === undefined ? undefined : await readUpstream(options.upstream, context);
    let page: ConsoleHandler | undefined;
    const start = (port: number) =>
      startLocalRegistry({
        port,
        ...(upstream && { readThrough: upstream }),
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
            '': createFetchListener(page.handle),
          };
        },
        now,
      });
    const settingsForPlugins = resolve(context.cwd, '.local/discovery.json');
    const registry = await (options.port === undefined ? startOnFreePort(port, start) : start(port));
    try {
      const { url, region, apiKey } = registry;
      if (port !== 0 && registry.port !== port)
        context.note(
          `Port ${port} is taken, so this registry is at ${registry.port}: apps that were told ${port} ask another.`,
        );
      await layServices(connectLocal(registry, context), localStage, services);
      const targets = [...services.values()];
      const settings = makeAppSettings({ registry, stage: localStage, targets, upstream: upstream?.config });
      await replaceFile('discovery dev', settingsForPlugins, `${JSON.stringify(settings, null, 2)}\n`);
      if (options.write !== undefined) await writeAppSettings(context.cwd, options.write, settings, upstream?.outputs);
      const routerUrl = new URL(mount, url).href;
      const consoleUrl = page?.createLink(new URL(url).origin);
      if (options.json)
        context.printJson({ url, routerUrl, consoleUrl, region, apiKey, credentialsFile: localSettingsFile }, true);
      else {
        context.print(
          `Registry   ${url}`,
          `Router     ${routerUrl}/STAGE/SERVICE/…`,
          `Console    ${consoleUrl} (opens one window, within ten minutes)`,
          ...[...services].map(([name, target]) => `Service    ${name} at ${target}, in ${localStage}`),
          ...(upstream ? [`Upstream   ${upstream.source.name}: ${upstream.stages.join(', ')}, read-only`] : []),
          ...(options.write === undefined ? [] : [`App        reads ${options.write}`]),
          ...facades.map((name) => `Facade     ${describeUsage(name, new URL(url).origin)}`),
          `API key    ${apiKey} (reads)`,
          `Region     ${region}`,
          `Credentials for writing are in ${localSettingsFile}; commands run in this folder find them.`,
          'Ctrl-C stops it.',
        );
      }
      if (beside.length === 0) await waitForAbort(context.signal);
      else if ((await runBeside(beside, context)) !== 0) return 1;
      return undefined;
    } finally {
      await rm(settingsForPlugins, { force: true });
      await registry.stop();
    }
  },
});
