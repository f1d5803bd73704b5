import type { Command } from './terminal/command.ts';
import { backupCommand } from './commands/backup.ts';
import { auditCommand } from './commands/audit.ts';
import { bridgeCommand } from './commands/bridge.ts';
import { consoleCommand } from './commands/console.ts';
import { deregisterCommand } from './commands/deregister.ts';
import { devCommand } from './commands/dev.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { facadeCommand } from './commands/facade.ts';
import { freezeCommand } from './commands/freeze.ts';
import { historyCommand } from './commands/history.ts';
import { initCommand } from './commands/init.ts';
import { listCommand } from './commands/list.ts';
import { overrideCommand } from './commands/override.ts';
import { registerCommand } from './commands/register.ts';
import { resolveCommand } from './commands/resolve.ts';
import { restoreCommand } from './commands/restore.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { rulesCommand } from './commands/rules.ts';
import { shiftCommand } from './commands/shift.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { stagesCommand } from './commands/stages.ts';
import { thawCommand } from './commands/thaw.ts';
import { typegenCommand } from './commands/typegen.ts';
import { verifyCommand } from './verify/verify-command.ts';
import { watchCommand } from './commands/watch.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  initCommand,
  devCommand,
  consoleCommand,
  registerCommand,
  deregisterCommand,
  listCommand,
  resolveCommand,
  stagesCommand,
  watchCommand,
  shiftCommand,
  overrideCommand,
  freezeCommand,
  thawCommand,
  rulesCommand,
  auditCommand,
  doctorCommand,
  typegenCommand,
  snapshotCommand,
  historyCommand,
  diffCommand,
  rollbackCommand,
  backupCommand,
  restoreCommand,
  exportCommand,
  bridgeCommand,
  facadeCommand,
  verifyCommand,
];
