/**
 * Writes schema.graphql and the resolver files into src/embedded-files.ts as strings, so that every consumer
 * (ESM, CommonJS, bundled) gets the same bytes without looking for files at run time. A test compares them.
 *
 * APPSYNC_JS imports nothing but AWS's utilities, so what resolvers share is put into each that imports it. Done here, in a
 * few lines, because a bundler would rename the utilities and turn constants into variables, which the runtime need not take.
 *
 * `npm run embed`, or `node embed-definition.js FILE` to write elsewhere.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const names = readdirSync(new URL('resolvers/', import.meta.url))
  .filter((name) => name.endsWith('.js'))
  .sort();
const sharedImport = /^import \{[^}]*\} from '\.\/(?:shared\/)?([\w-]+\.js)';\n/gm;

/** The shared files that a text imports, each once and after those that it imports itself. */
function findShared(text, found = new Map()) {
  for (const [, name] of text.matchAll(sharedImport)) {
    if (found.has(name)) continue;
    const shared = read(`resolvers/shared/${name}`);
    findShared(shared, found);
    found.set(name, shared);
  }
  return found;
}

function embed(name) {
  const text = read(`resolvers/${name}`);
  const shared = [...findShared(text).values()].map((part) => withoutImports(part).replaceAll(/^export /gm, ''));
  const code = [...shared, withoutImports(text)].map((part) => part.trim()).join('\n\n');
  const used = ['runtime', 'util'].filter((utility) => new RegExp(`\\b${utility}\\.`).test(code));
  const imported = used.length > 0 ? `import { ${used.join(', ')} } from '@aws-appsync/utils';\n\n` : '';
  return `${imported}${code}\n`;
}

function withoutImports(text) {
  return text.replaceAll(sharedImport, '').replaceAll(/^import .*;\n/gm, '');
}

const quote = (text) => `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;

writeFileSync(
  process.argv[2] ?? new URL('src/embedded-files.ts', import.meta.url),
  `// Written by \`npm run embed\` from schema/ and resolvers/. Change those.\n` +
    `export const schemaText: string = ${quote(read('schema/schema.graphql'))};\n\n` +
    `export const resolverTexts: Readonly<Record<string, string>> = {\n` +
    names.map((name) => `  '${name}': ${quote(embed(name))},\n`).join('') +
    `};\n`,
);
