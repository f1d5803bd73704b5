import type { Command } from './command.ts';
import { deregisterCommand } from './commands/deregister.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { initCommand } from './commands/init.ts';
import { listCommand } from './commands/list.ts';
import { registerCommand } from './commands/register.ts';
import { resolveCommand } from './commands/resolve.ts';
import { shiftCommand } from './commands/shift.ts';
import { stagesCommand } from './commands/stages.ts';
import { typegenCommand } from './commands/typegen.ts';
import { watchCommand } from './commands/watch.ts';

/** Every command, in the order of the help. A new one needs a file in commands/ and a line here. */
export const commands: readonly Command[] = [
  initCommand,
  devCommand,
  registerCommand,
  deregisterCommand,
  listCommand,
  resolveCommand,
  stagesCommand,
  watchCommand,
  shiftCommand,
  doctorCommand,
  typegenCommand,
];
