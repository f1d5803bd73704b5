import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Bundles what Lambda runs: one CommonJS file, from the sources. It needs nothing else, not even the AWS SDK.
 *
 * `npm run build:lambda -w @amplify-discovery/router`, with a folder as argument to write elsewhere than dist/lambda.
 */
export async function buildLambda(folder) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('src/main.ts', import.meta.url))],
    outfile: join(folder, 'router.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    conditions: ['@amplify-discovery/source'],
    legalComments: 'none',
    write: false,
  });
  const [file] = outputFiles;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file.path, file.contents);
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return { bytes: file.contents.length, gzipBytes: gzipSync(file.contents, { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('dist/lambda', import.meta.url)));
  const { bytes, gzipBytes } = await buildLambda(folder);
  console.log(`bundled the router: ${bytes} bytes, ${gzipBytes} gzipped`);
}
