import { chooseTrust, trustedHostOption } from '../registry/choose-trust.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { checkNames } from '../registry/check-names.ts';
import { getOwner, ownerOption } from '../registry/get-owner.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { storedSnapshotOptions } from '../history/stored-snapshot-options.ts';
import { createConsoleBackend } from '../console/create-console-backend.ts';
import { checkPort } from '../terminal/check-port.ts';
import { defineCommand, type Command } from '../terminal/command.ts';
import { waitForAbort } from '../terminal/wait-for-abort.ts';

/** `discovery console` */
export const consoleCommand: Command = defineCommand({
  name: 'console',
  summary: 'Shows the registry as a web page on this machine until Ctrl-C.',
  details:
    'Services by stages, what is wrong with them and how to mend it, changes as they happen and, with --bucket or --folder, the\n' +
    'history. Only who has the printed address can open the page. With AWS credentials it shows owners, and it can shift, roll back,\n' +
    'register and de-register, each after showing its plan; --read-only leaves that out. Hosts that the app would not trust are not\n' +
    'contacted.',
  arguments: [],
  options: {
    port: { kind: 'number', value: 'PORT', help: 'Default: 0, any free one.' },
    stage: { kind: 'list', value: 'STAGE', help: 'Only this stage. May be repeated. Default: all stages.' },
    'read-only': { kind: 'flag', help: 'Let the page change nothing.' },
    'no-network': { kind: 'flag', help: 'Contact no target.' },
    'trusted-host': trustedHostOption,
    owner: ownerOption,
    ...storedSnapshotOptions,
    ...registryOptions,
  },
  examples: [
    ['discovery console', 'look at the registry that the outputs name'],
    ['discovery console --bucket my-snapshots --read-only', 'with the history, and without changes'],
  ],
  async run({ options }, context) {
    const { port = 0, bucket, folder } = options;
    checkPort(port);
    const connection = await connectRegistry(options, context, 'prefer-signed');
    const backend = createConsoleBackend(
      connection,
      {
        stages: options.stage.length > 0 ? checkNames('--stage', options.stage) : undefined,
        trust: chooseTrust(options['trusted-host'], connection.settings),
        probes: !options['no-network'],
        writes: !options['read-only'],
        storage: bucket === undefined && folder === undefined ? undefined : options,
        owner: getOwner(options.owner, context),
      },
      context,
    );
    // What can't be read at all is said here, not on a page.
    await context.wait(`Reading ${connection.settings.url}`, backend.readOverview(context.signal));
    const { readPageFiles } = await import('@amplify-discovery/console');
    const { pageFolder } = await import('@amplify-discovery/console/page-folder.cjs');
    const { startConsole } = await import('../console/start-console.ts');
    const files = await readPageFiles(pageFolder);
    const { link, stop } = await startConsole(port, { backend, files, now: context.now });
    try {
      if (options.json) context.printJson({ link }, true);
      else context.print(`Console    ${link}`, 'The address opens one window, within ten minutes. Ctrl-C stops it.');
      await waitForAbort(context.signal);
    } finally {
      await stop();
    }
  },
});
