import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalRegistry } from '@amplify-discovery/local';
import { createFolder } from './test-shell.ts';

let stageNumber = 0;

/** A stage of its own for one test, and a folder in which the registry is found as after `discovery dev`. */
export async function createStage(registry: LocalRegistry): Promise<{ readonly cwd: string; readonly stage: string }> {
  const { url, region, apiKey, credentials } = registry;
  const cwd = await createFolder();
  await mkdir(join(cwd, '.local'));
  await writeFile(join(cwd, '.local/registry.json'), JSON.stringify({ url, region, apiKey, ...credentials }));
  return { cwd, stage: `stage-${(stageNumber += 1)}` };
}
