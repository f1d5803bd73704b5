/**
 * Lints the resolver files. npm hoists ts-api-utils next to the workspace's TypeScript 7, which has no
 * JavaScript API, so `typescript` is resolved from here for whoever asks while this process lives.
 */
import Module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const typescript = require.resolve('typescript');
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) =>
  request === 'typescript' ? typescript : resolveFilename.call(Module, request, ...rest);

const { ESLint } = require('eslint');
const root = fileURLToPath(new URL('../../', import.meta.url));
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: fileURLToPath(new URL('eslint.config.mjs', import.meta.url)),
});
const results = await eslint.lintFiles(
  process.argv.length > 2 ? process.argv.slice(2) : ['packages/registry/resolvers/**/*.js'],
);
const formatter = await eslint.loadFormatter('stylish');
console.log((await formatter.format(results)) || `${results.length} resolver files fit the APPSYNC_JS runtime.`);
process.exitCode =
  results.length > 0 && results.every((result) => result.errorCount + result.warningCount === 0) ? 0 : 1;
