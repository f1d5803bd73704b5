import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sources = fileURLToPath(new URL('src/page', import.meta.url));

/** Bundles the page for browsers that know ES2022. `npm run build:page -w @amplify-discovery/console [folder]` */
export async function buildPage(outdir) {
  await mkdir(outdir, { recursive: true });
  // The names of chunks change with what is in them.
  for (const name of await readdir(outdir)) await rm(join(outdir, name));
  await build({
    entryPoints: [join(sources, 'main.tsx'), join(sources, 'main.css')],
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@amplify-discovery/source'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'linked',
    logLevel: 'warning',
  });
  await copyFile(join(sources, 'index.html'), join(outdir, 'index.html'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(process.argv[2] ?? fileURLToPath(new URL('dist/page', import.meta.url)));
}
