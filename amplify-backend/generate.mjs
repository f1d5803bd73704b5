/**
 * Writes the CloudFormation templates of the Gen 1 project, synthesised from the constructs of @amplify-discovery/cdk. Run it
 * from the repository after each change of them, or of the registry's schema and resolvers:
 *
 *     node amplify-backend/generate.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const repository = fileURLToPath(new URL('..', import.meta.url));
const backend = fileURLToPath(new URL('gen1/amplify/backend/', import.meta.url));

// What is synthesised is complete only when parameters are declared for it: cfn-lint checks the files.
process.env.CDK_VALIDATION = 'false';
for (const owner of ['registrar', 'publisher', 'router'])
  execFileSync(process.execPath, ['scripts/build-lambda.js', owner], { cwd: repository, stdio: 'ignore' });
const { buildGen1Templates } = await importSource('amplify-backend/generate/build-gen1-templates.ts');
for (const [file, template] of Object.entries(buildGen1Templates())) {
  writeFileSync(join(backend, file), `${JSON.stringify(template, undefined, 2)}\n`);
  process.stdout.write(`wrote ${file}\n`);
}
execFileSync('node_modules/.bin/oxfmt', [backend], { cwd: repository, stdio: 'ignore' });

/** Bundled in the repository, where its imports of CDK are found; the packages need not be built. */
async function importSource(file) {
  const folder = mkdtempSync(join(repository, 'node_modules', '.generate-'));
  const outfile = join(folder, 'bundle.mjs');
  try {
    await build({
      entryPoints: [join(repository, file)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['@amplify-discovery/source'],
      external: ['aws-cdk-lib', 'constructs', '@amplify-discovery/cdk/lambda-bundles.cjs', '@aws-sdk/*'],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
