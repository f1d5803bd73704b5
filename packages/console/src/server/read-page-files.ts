import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** The page's files by their paths, `/index.html` and those that it loads. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly bytes: ArrayBuffer }>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the built page from the package's `dist/page`.
 *
 * @throws where the page was not built.
 */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  const names = (await readdir(folder)).filter((name) => Object.hasOwn(types, extname(name)));
  const read = async (name: string) => {
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    return [`/${name}`, { type: types[extname(name)] as string, bytes: bytes.buffer }] as const;
  };
  return new Map(await Promise.all(names.map(read)));
}
