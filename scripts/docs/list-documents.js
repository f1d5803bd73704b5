import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const skipped = new Set(['node_modules', 'dist', 'coverage', 'emulator']);

/** Every file of the project that ends so, with its text: what was written by hand, not built or installed. */
export function listDocuments(folder, extension) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : listDocuments(path, extension);
    }
    if (!entry.name.endsWith(extension) || entry.name === 'CHANGELOG.md') return [];
    return [{ path, text: readFileSync(path, 'utf8') }];
  });
}
