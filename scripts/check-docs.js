import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { checkCommands, findProseFaults } from './docs/check-commands.js';
import { checkSnippets } from './docs/check-snippets.js';
import { findExampleBlocks, findMarkdownBlocks } from './docs/find-blocks.js';
import { findLinkFaults } from './docs/find-link-faults.js';
import { listDocuments } from './docs/list-documents.js';
import { listPackages } from './list-packages.js';

/**
 * Checks what the docs say: snippets and `@example`s compile against the built packages, JSON and YAML parse, each command is
 * tested somewhere, links lead somewhere. Needs `npm run build`.
 */
const compiled = new Set(['ts', 'tsx', 'js', 'mjs', 'cjs', 'mts', 'cts']);
const counts = { passed: 0, failed: 0, skipped: 0 };
const packages = listPackages();
const exportsOfAll = await listExports(packages.filter(({ manifest }) => !manifest.private));

const documents = listDocuments('.', '.md');
const blocks = documents.flatMap(({ path, text }) => findMarkdownBlocks(text).map((block) => ({ ...block, path })));
const snippets = [
  ...blocks
    .filter(({ language }) => compiled.has(language))
    .map((block) => ({ ...block, exports: exportsOf(block.path) })),
  ...listDocuments('packages', '.ts')
    .filter(({ path }) => /^packages\/[^/]+\/src\//.test(path) && !path.endsWith('.test.ts'))
    .flatMap(({ path, text }) => {
      const exports = new Map([...exportsOfFile(path, text), ...exportsOf(path)]);
      return findExampleBlocks(text).map((block) => ({ ...block, path, isExample: true, exports }));
    }),
];

for (const [{ path, line }, faults] of checkSnippets(snippets)) tell(`${path}:${line}`, faults);
for (const block of blocks.filter(({ language }) => !compiled.has(language))) {
  const { faults, skipped = [] } = checkBlock(block);
  tell(`${block.path}:${block.line}`, faults);
  for (const reason of skipped) console.log(`skipped: ${block.path}:${block.line}: ${reason}`);
  counts.skipped += skipped.length;
}
for (const document of documents) {
  tell(`${document.path}: links and scripts`, [...findLinkFaults(document), ...findProseFaults(document)]);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

function checkBlock(block) {
  if (block.language === 'sh') return checkCommands(block);
  if (block.language === 'json') return { faults: findFaults(() => JSON.parse(block.code)) };
  if (block.language === 'yaml') return { faults: findFaults(() => parseYaml(block.code)) };
  // Pictures and output.
  if (block.language === '' || block.language === 'text') return { faults: [] };
  return { faults: [`nobody checks a block of ${block.language}: see scripts/check-docs.js`] };
}

function findFaults(parse) {
  try {
    parse();
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** Entry by exported name, the package's own names before those of the others. */
function exportsOf(path) {
  const own = packages.find(({ folder }) => path.startsWith(`${folder}/`))?.manifest.name;
  const entries = [...exportsOfAll].sort(([a], [b]) => Number(isOf(own, b)) - Number(isOf(own, a)));
  const byName = new Map();
  for (const [entry, names] of entries) for (const name of names) if (!byName.has(name)) byName.set(name, entry);
  return byName;
}

/** What is exported for the package's own files only: built, or as it is where the package is never built. */
function exportsOfFile(path, text) {
  const { folder, manifest } = packages.find((one) => path.startsWith(`${one.folder}/`));
  const file = manifest.private ? path : path.replace(`${folder}/src/`, `${folder}/dist/esm/`).replace(/\.ts$/, '.js');
  const names = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name);
  return names.map((name) => [name, `../../../${file}`]);
}

function isOf(name, entry) {
  return entry === name || entry.startsWith(`${name}/`);
}

/** The names that each entry of the packages exports, dependencies first. */
async function listExports(published) {
  const found = new Map();
  for (const { folder, manifest } of published) {
    for (const [path, entry] of Object.entries(manifest.exports)) {
      if (!entry.import) continue;
      const file = join(folder, entry.import.default);
      if (!existsSync(file)) {
        tell(file, ['is missing: run npm run build']);
        continue;
      }
      const names = Object.keys(await import(pathToFileURL(resolve(file)).href));
      found.set(
        manifest.name + path.slice(1),
        names.filter((name) => name !== 'default'),
      );
    }
  }
  return found;
}

function tell(name, faults) {
  if (faults.length === 0) counts.passed += 1;
  else counts.failed += 1;
  for (const fault of faults) console.log(`FAIL ${name}: ${fault}`);
}
