import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Bundles the functions that Lambda runs: a CommonJS file for each, from the sources, with all that it needs but what is `external`.
 *
 * `npm run build:lambda -w @amplify-discovery/registrar`, with a folder as argument to write elsewhere than dist/lambda;
 * all of them without a name.
 */
const bundles = {
  // Lambda brings the AWS SDK along. require() finds it there; import() doesn't look.
  registrar: {
    files: { 'index.js': 'src/lambda.ts', 'renew-keys.js': 'src/keys/main.ts' },
    options: { external: ['@aws-sdk/*'], supported: { 'dynamic-import': false } },
  },
  // With the AWS SDK in it, which starts faster than the one that the runtime brings along; from its ES modules, of which
  // what isn't used is left out.
  publisher: {
    files: { 'publisher.js': 'src/main.ts', 'audit.js': 'src/audit/main.ts', 'announce.js': 'src/announce/main.ts' },
    options: { mainFields: ['module', 'main'], conditions: ['@amplify-discovery/source', 'module'] },
  },
  console: {
    files: { 'history.js': 'src/history/main.ts' },
    options: { mainFields: ['module', 'main'], conditions: ['@amplify-discovery/source', 'module'] },
  },
  bridges: { files: { 'bridge.js': 'src/lambda/main.ts' } },
  router: { files: { 'router.js': 'src/hosts/lambda/main.ts' } },
};

const [wanted, given] = process.argv.slice(2);
if (wanted !== undefined && !Object.hasOwn(bundles, wanted))
  throw new Error(`usage: build-lambda.js [${Object.keys(bundles).join('|')} [FOLDER]]`);
for (const name of wanted === undefined ? Object.keys(bundles) : [wanted]) await bundle(name);

async function bundle(name) {
  const { files, options } = bundles[name];
  const owner = fileURLToPath(new URL(`../packages/${name}`, import.meta.url));
  const folder = given === undefined ? join(owner, 'dist/lambda') : resolve(given);
  mkdirSync(folder, { recursive: true });
  for (const [file, entry] of Object.entries(files)) {
    const { outputFiles } = await build({
      entryPoints: [join(owner, entry)],
      outfile: join(folder, file),
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      conditions: ['@amplify-discovery/source'],
      legalComments: 'none',
      write: false,
      ...options,
    });
    const [{ path, contents }] = outputFiles;
    writeFileSync(path, contents);
    const gzipBytes = gzipSync(contents, { level: 9 }).length;
    console.log(`bundled ${file} of ${name}: ${contents.length} bytes, ${gzipBytes} gzipped`);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
}
