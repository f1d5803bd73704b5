import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseJsonSettings } from '@amplify-discovery/aws/settings';
import type { GenericSchema, InferOutput } from 'valibot';
import { describeFileError } from './describe-file-error.ts';

/**
 * The content of a JSON file that an option names, validated by the schema.
 *
 * @throws DiscoveryError `InvalidOptions`, with the option, the file and the path of everything that is wrong in it.
 */
export async function readJsonFile<S extends GenericSchema>(
  option: string,
  file: string,
  cwd: string,
  schema: S,
): Promise<InferOutput<S>> {
  const content = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    throw describeFileError(option, error);
  });
  return parseJsonSettings(schema, content, `${option}: ${file}`);
}
