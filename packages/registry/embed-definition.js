/**
 * Writes schema.graphql and the resolver files into src/embedded-files.ts as strings, so that every consumer
 * (ESM, CommonJS, bundled) gets the same bytes without looking for files at run time. A test compares them.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const resolvers = readdirSync(new URL('resolvers/', import.meta.url))
  .filter((name) => name.endsWith('.js'))
  .sort();
const quote = (text) => `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;

writeFileSync(
  new URL('src/embedded-files.ts', import.meta.url),
  `// Written by \`npm run embed\` from schema/ and resolvers/. Change those.\n` +
    `export const schemaText: string = ${quote(read('schema/schema.graphql'))};\n\n` +
    `export const resolverTexts: Readonly<Record<string, string>> = {\n` +
    resolvers.map((name) => `  '${name}': ${quote(read(`resolvers/${name}`))},\n`).join('') +
    `};\n`,
);
