import { build } from 'esbuild';

/**
 * An app's module and all that it imports as one script: of the sources, or of what was built where the tests run on that.
 * `format` is a module for Node or a page, or a script for a window that has no modules.
 */
export async function bundleApp(contents: string, format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: 'packages/client/test', loader: 'ts' },
    bundle: true,
    format,
    platform: 'browser',
    target: 'es2022',
    conditions: process.env.TEST_DIST ? [] : ['@amplify-discovery/source'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
