import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeFileError } from './describe-file-error.ts';

/**
 * Writes a file atomically, and creates its folder if needed: readers see the old content or the new, and a failure leaves the
 * old one. The temporary file has a random name and is opened exclusively, so that a planted link is not followed; a link at
 * the path itself is replaced, not written through. The new file keeps the permissions of the old one.
 *
 * @throws DiscoveryError `InvalidOptions`, naming the option that named the file.
 */
export async function replaceFile(
  option: string,
  path: string,
  content: string | Uint8Array,
  makeSuffix: () => string = () => crypto.randomUUID(),
): Promise<void> {
  const draft = `${path}.${makeSuffix()}.tmp`;
  let isOurs = false;
  try {
    await mkdir(dirname(path), { recursive: true });
    const mode = await stat(path).then(
      (old) => old.mode & 0o777,
      () => 0o666,
    );
    await writeFile(draft, content, { flag: 'wx', mode });
    isOurs = true;
    await rename(draft, path);
  } catch (error) {
    if (isOurs) await rm(draft, { force: true }).catch(() => {});
    throw describeFileError(option, error);
  }
}
