import { listRows } from '@amplify-discovery/registry/operations';
import { formatBackup } from '../backup/backup-file.ts';
import { backupArgument, bucketRegionOption, findBackupPlace } from '../backup/backup-place.ts';
import { countRows } from '../backup/count-rows.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import { registryOptions } from '../registry/registry-options.ts';
import { defineCommand, type Command } from '../terminal/command.ts';

/** `discovery backup` */
export const backupCommand: Command = defineCommand({
  name: 'backup',
  summary: 'Writes everything that the registry holds to a file or an S3 object.',
  details:
    'Records with owners, tokens and what is remembered of requests, overrides, freezes and the other rules; discovery restore\n' +
    'brings them back. Each record is as it was at one moment; what is written meanwhile may be in it or not. Holds nothing\n' +
    'secret, but all names and addresses. Needs IAM credentials that may call Query.rows.',
  arguments: [backupArgument],
  options: { 'bucket-region': bucketRegionOption, ...registryOptions },
  examples: [
    ['discovery backup registry.json', 'keep it beside this project'],
    ['discovery backup s3://my-backups/registry.json', 'keep it in a bucket, best one that keeps versions'],
  ],
  async run({ arguments: [reference = ''], options }, context) {
    const { transport, settings, operation } = await connectRegistry(options, context, 'signed');
    const place = findBackupPlace(reference, options['bucket-region'] ?? settings.region, context);
    const rows = await context.wait(`Reading ${settings.url}`, listRows(transport, operation));
    const createdAt = new Date(context.now()).toISOString();
    const text = formatBackup({ createdAt, registry: settings.url, rows });
    await context.wait(`Writing ${reference}`, place.write(text));
    if (options.json) context.printJson({ backup: reference, registry: settings.url, createdAt, rows: rows.length });
    else context.print(`${reference}: ${countRows(rows)} of ${settings.url}`);
  },
});
