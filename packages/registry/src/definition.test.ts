import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { registryDefinition } from './definition.ts';

const root = join(process.cwd(), 'packages/registry');
const { schema, resolverFiles, resolvers, whileRestoring, table } = registryDefinition;
const usedFiles = [...Object.values(resolvers), ...Object.values(whileRestoring)]
  .flatMap((fields) => Object.values(fields))
  .flatMap((resolver) => (resolver.kind === 'pipeline' ? [resolver.file, ...resolver.functions] : [resolver.file]));

test('the embedded texts are those of the files (npm run embed)', () => {
  expect(schema).toBe(readFileSync(join(root, 'schema/schema.graphql'), 'utf8'));
  const files = readdirSync(join(root, 'resolvers')).filter((name) => name.endsWith('.js'));
  expect(Object.keys(resolverFiles).sort()).toEqual(files.sort());
  const folder = mkdtempSync(join(tmpdir(), 'embed-'));
  try {
    const written = join(folder, 'embedded-files.ts');
    execFileSync(process.execPath, [join(root, 'embed-definition.js'), written]);
    expect(readFileSync(join(root, 'src/embedded-files.ts'), 'utf8')).toBe(readFileSync(written, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an embedded file imports AWS\u2019s utilities and nothing else', () => {
  for (const text of Object.values(resolverFiles)) {
    const imports = [...text.matchAll(/^import .*$/gm)].map(([line]) => line);
    expect(imports.length).toBeLessThan(2);
    for (const line of imports) expect(line).toMatch(/^import \{ [a-z, ]+ \} from '@aws-appsync\/utils';$/);
    const declared = [...text.matchAll(/^(?:export )?(?:function|const) (\w+)/gm)].map(([, name]) => name);
    expect(declared).toEqual([...new Set(declared)]);
  }
});

test.each(['Query', 'Mutation', 'Subscription'] as const)(
  'every field of %s has a resolver, and no resolver is without a field',
  (type) => {
    const body = new RegExp(`^type ${type} \\{([^}]*)\\}`, 'm').exec(schema)?.[1] ?? '';
    const fields = [...body.matchAll(/^ {2}(\w+)[(:]/gm)].map(([, name]) => name);
    expect(fields.length).toBeGreaterThan(0);
    expect(Object.keys(resolvers[type]).sort()).toEqual(fields.sort());
  },
);

test('what a reader may ask for is every field that is not a mutation, but for what operators ask', () => {
  const { Query } = resolvers;
  const queries = Object.keys(Query)
    .filter((field) => !['rules', 'rows'].includes(field))
    .map((field) => `Query/fields/${field}`);
  expect(registryDefinition.readFields).toEqual([...queries, 'Subscription/fields/onStageChange']);
});

test('every resolver file is used, and every file that is used is there', () => {
  expect([...new Set(usedFiles)].sort()).toEqual(Object.keys(resolverFiles).sort());
});

test('each file fits into one AppSync function, and has its two handlers', () => {
  for (const text of Object.values(resolverFiles)) {
    expect(text.length).toBeLessThan(32_768);
    expect(text).toMatch(/^export function request\((ctx)?\)/m);
    expect(text).toMatch(/^export function response\((ctx)?\)/m);
  }
});

test('the keys and the index of the table are the ones that the resolvers name', () => {
  const all = Object.values(resolverFiles).join('\n');
  expect(all).toContain(`toMapValues({ ${table.partitionKey}: `);
  expect(all).toContain(`, ${table.sortKey}: ctx.stash.key`);
  expect(all).toContain(`'#${table.partitionKey}': '${table.partitionKey}'`);
  expect(resolverFiles['service.js']).toContain(`index: '${table.index.name}'`);
  expect(resolverFiles['service.js']).toContain(`'#${table.index.partitionKey}': '${table.index.partitionKey}'`);
  expect(resolverFiles['change-record.js']).toContain(`${table.timeToLive}: nowSeconds + TOMBSTONE_SECONDS`);
  expect(table.index.sortKey).toBe(table.partitionKey);
});

test('rows that are not endpoints are known by the names that the resolvers give them', () => {
  const { headKey, rulesStage } = table.bookkeeping;
  expect(resolverFiles['raise-epoch.js']).toContain(`#head\`, key: '${headKey}' }`);
  expect(resolverFiles['fill-head.js']).toContain(`#head\`, key: '${headKey}' }`);
  expect(resolverFiles['set-rule.js']).toContain(`{ stage: '${rulesStage}', key: `);
});

test('ownership is decided in one file', () => {
  const deciding = Object.entries(resolverFiles).filter(([, text]) =>
    /RegistrationConflict'|held\.token !== /.test(text),
  );
  expect(deciding.map(([name]) => name)).toEqual(['change-record.js']);
});
