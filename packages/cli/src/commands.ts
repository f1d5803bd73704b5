import type { Command } from './command.ts';
import { deregisterCommand } from './commands/deregister.ts';
import { devCommand } from './commands/dev.ts';
import { listCommand } from './commands/list.ts';
import { registerCommand } from './commands/register.ts';
import { resolveCommand } from './commands/resolve.ts';
import { stagesCommand } from './commands/stages.ts';
import { typegenCommand } from './commands/typegen.ts';

/** Every command, in the order of the help. A new one needs a file in commands/ and a line here. */
export const commands: readonly Command[] = [
  devCommand,
  registerCommand,
  deregisterCommand,
  listCommand,
  resolveCommand,
  stagesCommand,
  typegenCommand,
];
