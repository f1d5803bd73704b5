import { DiscoveryError } from '@amplify-discovery/core';
import { readStageNames } from '../registry/app-settings.ts';
import { chooseTrust } from '../registry/choose-trust.ts';
import { facadeNames } from '../registry/facade-names.ts';
import { openReading } from '../registry/open-reading.ts';
import { registryOptions, sourceOption } from '../registry/registry-options.ts';
import { checkPort } from '../terminal/check-port.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { waitForAbort } from '../terminal/wait-for-abort.ts';

/** `discovery facade` */
export const facadeCommand: Command = defineCommand({
  name: 'facade',
  summary: "Answers another system's read API from the registry until Ctrl-C: nothing is copied.",
  details:
    'Programs that read that system find serverless APIs in it. It listens on 127.0.0.1, answers only requests for this machine, and\n' +
    'changes nothing. On another --host it wants a --token, which callers send as Authorization: Bearer, as a password of Basic, or\n' +
    'as X-Consul-Token. What the system has no words for, and hosts that are not listed as trusted, are left out\n' +
    'and named once.',
  arguments: [{ name: 'SYSTEM', help: `${facadeNames.join(', ')}.` }],
  options: {
    stage: {
      kind: 'list',
      value: 'STAGE',
      help: 'A stage that callers may see; the first is what they get who name none. May be repeated. Default: DISCOVERY_STAGE or the outputs.',
    },
    port: { kind: 'number', value: 'PORT', help: 'Default: 0, any free one.' },
    host: { kind: 'text', value: 'ADDRESS', help: 'The address that it listens on. Default: 127.0.0.1.' },
    'allowed-host': {
      kind: 'list',
      value: 'NAME',
      help: 'A name by which callers may call it, beside localhost and --host. May be repeated.',
    },
    token: { kind: 'text', value: 'TOKEN', help: 'Callers must have it. Default: DISCOVERY_FACADE_TOKEN, or none.' },
    'trusted-host': {
      kind: 'list',
      value: 'PATTERN',
      help: 'A host that is served: *.example.com. Default: those that the outputs list.',
    },
    source: sourceOption,
    ...registryOptions,
  },
  examples: [
    ['discovery facade prometheus --stage Production --port 9099', 'targets for http_sd_configs'],
    ['discovery facade envoy --source cloud-map:internal --stage Production', 'clusters of what Cloud Map knows'],
  ],
  async run({ arguments: [system = ''], options }, context) {
    const { port = 0, host = '127.0.0.1', json } = options;
    const token = options.token ?? context.env['DISCOVERY_FACADE_TOKEN'];
    checkPort(port);
    if (token === undefined && !/^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host))
      throw new DiscoveryError('InvalidOptions', `--host ${host} can be reached by others: give a --token too`);
    const { createFacadeHandlers, describeUsage } = await import('../registry/create-facade-handlers.ts');
    const stages = await readStageNames(options, context);
    const { source, settings } = await openReading(options, context, 'prefer-signed');
    const { view, handlers } = createFacadeHandlers([system], {
      source,
      stages,
      trust: chooseTrust(options['trusted-host'], settings),
      token,
      now: context.now,
      note: (remark) => context.note(remark),
    });
    // What can't be read at all is said here, not to the first caller.
    const reading = Promise.all(stages.map((stage) => view.readSnapshot(stage, context.signal)));
    await context.wait(`Reading ${source.name}`, reading);
    const { startLocalServer } = await import('@amplify-discovery/local');
    const server = await startLocalServer({ port, host, allowedHosts: options['allowed-host'], handlers });
    try {
      const usage = describeUsage(system, server.url);
      if (json) context.printJson({ url: server.url, system, stages, usage }, true);
      else {
        context.print(
          `Facade     ${server.url} (${system} of ${stages.join(', ')})`,
          `Clients    ${usage}`,
          'Ctrl-C stops it.',
        );
      }
      await waitForAbort(context.signal);
    } finally {
      await server.stop();
    }
  },
});
