import { build } from 'esbuild';

/** Imports the packages' sources, so that nothing has to be built first. */
export async function importSources(repository, contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: repository },
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@amplify-discovery/source'],
    external: ['@aws-sdk/*'],
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
