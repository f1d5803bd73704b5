import { rename, rm, writeFile } from 'node:fs/promises';
import { describeFileError } from './describe-file-error.ts';

/**
 * Writes a whole file at once: readers see the old one or the new one, never half of it, and a failure leaves the old one.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the option that named the file.
 */
export async function replaceFile(option: string, path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw describeFileError(option, error);
  }
}
