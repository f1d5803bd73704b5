import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles the publisher's Lambda: one CommonJS file from the sources, without any AWS SDK.
 *
 * `npm run build:lambda -w @amplify-discovery/snapshots`, with a folder as argument to write elsewhere than dist/lambda.
 */
const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('dist/lambda', import.meta.url)));
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('src/publisher.ts', import.meta.url))],
  outfile: join(folder, 'publisher.js'),
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
console.log(`bundled the publisher: ${file.contents.length} bytes`);
