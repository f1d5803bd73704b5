import { isDiscoveryError } from '@amplify-discovery/core';
import type { AmplifyContext, AmplifyEvent } from './amplify-context.ts';
import { checkAddresses } from './check-addresses.ts';
import { renewRegistrations } from './renew-registrations.ts';
import { runAdd } from './run-add.ts';
import { runHelp } from './run-help.ts';
import { runList } from './run-list.ts';
import { runRemove } from './run-remove.ts';
import { runStatus } from './run-status.ts';
import { writeExportsFile } from './write-exports-file.ts';

export type {
  AmplifyContext,
  AmplifyDependency,
  AmplifyEvent,
  AmplifyMeta,
  AmplifyResource,
} from './amplify-context.ts';

const commands: Readonly<Record<string, (context: AmplifyContext, isInteractive: boolean) => unknown>> = {
  add: runAdd,
  remove: runRemove,
  list: runList,
  status: runStatus,
  help: runHelp,
};

/** Runs `amplify discovery …` for the Amplify CLI. Prints mistakes in the command and sets the exit code. */
export async function executeAmplifyCommand(context: AmplifyContext): Promise<void> {
  const { command = 'help' } = context.input;
  const run = (Object.hasOwn(commands, command) && commands[command]) || runHelp;
  try {
    await run(context, process.stdin.isTTY);
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    context.print.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * Before a push, refuses what would register an address that is switched off, and sees to it that the push renews. After a push, pull or init the CLI knows the
 * registry: the exports file follows, and a fault in that fails nothing.
 *
 * @throws DiscoveryError `InvalidOptions` before a push; the CLI shows it and pushes nothing.
 */
export async function handleAmplifyEvent(context: AmplifyContext, { event }: AmplifyEvent): Promise<void> {
  if (event === 'PrePush') {
    await checkAddresses(context);
    renewRegistrations(context, new Date());
    return;
  }
  try {
    if (['PostPush', 'PostPull', 'PostInit'].includes(event)) writeExportsFile(context);
  } catch (error) {
    context.print.warning(`The exports file was not written: ${(error as Error).message}`);
  }
}
