import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { registryDefinition, type RegistryDefinition } from '@amplify-discovery/registry/definition';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { createResolverRuntime } from '../src/appsync-runtime.ts';
import { buildExecutableSchema } from '../src/build-executable-schema.ts';
import { openDynamoTable, type DynamoTable } from '../src/dynamo-table.ts';
import { createGraphqlExecutor } from '../src/create-graphql-executor.ts';

/**
 * A deployment upgrades a registry resource by resource: the schema, then functions and resolvers in any order; a rollback does
 * the same. It may stop anywhere, and clients of either contract must be able to read and write any mixture.
 */
const older = JSON.parse(
  readFileSync(join(process.cwd(), 'packages/local/test/fixtures/contract-0.json'), 'utf8'),
) as RegistryDefinition;
const current = registryDefinition;

let table: DynamoTable;
let stageNumber = 0;
beforeAll(async () => {
  table = await openDynamoTable(current.table, undefined);
});
afterAll(() => table.close());

/** One resource that a deployment changes. */
type Resource = { readonly kind: 'schema' | 'function' | 'resolver'; readonly name: string };

const fieldsOf = (definition: RegistryDefinition) =>
  Object.entries(definition.resolvers).flatMap(([type, fields]) =>
    Object.keys(fields).map((field) => `${type}.${field}`),
  );
const functionFiles = (definition: RegistryDefinition) =>
  Object.values(definition.resolvers)
    .flatMap((fields) => Object.values(fields))
    .flatMap((resolver) => (resolver.kind === 'pipeline' ? resolver.functions : []));

/** Functions in both are changed in place; a resolver's own code and list of functions change with the resolver. */
const functions = [...new Set(functionFiles(older))]
  .filter((file) => functionFiles(current).includes(file))
  .map((name): Resource => ({ kind: 'function', name }));
const resolvers = fieldsOf(current).map((name): Resource => ({ kind: 'resolver', name }));

/** The registry after some of its resources have been changed. */
function mix(changed: readonly Resource[]): RegistryDefinition {
  const has = (kind: Resource['kind'], name: string) => changed.some((one) => one.kind === kind && one.name === name);
  const files: Record<string, string> = {};
  const found: Record<string, Record<string, unknown>> = { Query: {}, Mutation: {}, Subscription: {} };
  const codeOf = (file: string) => {
    const isNew = has('function', file) || !(file in older.resolverFiles);
    return (isNew ? current : older).resolverFiles[file] as string;
  };
  for (const name of fieldsOf(current)) {
    const [type, field] = name.split('.') as ['Query', string];
    const source = has('resolver', name) ? current : older;
    const resolver = source.resolvers[type][field];
    if (!resolver) continue;
    // Each resolver has a copy of its code, so the file is named after both.
    const own = `${name}:${resolver.file}`;
    files[own] = source.resolverFiles[resolver.file] as string;
    if (resolver.kind === 'pipeline') for (const file of resolver.functions) files[file] = codeOf(file);
    (found[type] as Record<string, unknown>)[field] = { ...resolver, file: own };
  }
  const { schema } = has('schema', 'schema') ? current : older;
  return { ...current, schema, resolverFiles: files, resolvers: found as unknown as RegistryDefinition['resolvers'] };
}

function makeTransport(definition: RegistryDefinition): GraphqlTransport {
  const run = createResolverRuntime({ definition, call: table.call, env: {}, now: Date.now });
  const { execute } = createGraphqlExecutor(buildExecutableSchema(definition, run));
  return async ({ query, variables }) => execute({ query, variables }, { mode: 'iam' });
}

const signal = new AbortController().signal;
const olderFields =
  'stage service id kind target region signingService authMode version tenant weight metadata expiresAt';
const input = (stage: string, service: string) => ({
  stage,
  service,
  kind: 'rest' as const,
  target: `https://${service}.example.com`,
  owner: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/0b1c#Users',
});

/** As a registrar of the older contract sends it. */
async function registerAsBefore(transport: GraphqlTransport, stage: string, service: string): Promise<void> {
  const query = `mutation registerEndpoint($input: RegisterEndpointInput!) { registerEndpoint(input: $input) {
    stage service id change revision endpoint { ${olderFields} owner token registeredAt updatedAt } } }`;
  const { body } = await transport({ query, variables: { input: input(stage, service) }, signal });
  expect(body).not.toHaveProperty('errors');
  expect(body).toMatchObject({ data: { registerEndpoint: { endpoint: { service } } } });
}

/** As an app of the older contract sends it. */
async function readAsBefore(transport: GraphqlTransport, stage: string): Promise<readonly string[]> {
  const query = `query($s:String!$k:String$n:String){snapshot(stage:$s knownRevision:$k nextToken:$n){
    revision unchanged nextToken endpoints{${olderFields}}}}`;
  const { body } = await transport({ query, variables: { s: stage }, signal });
  expect(body).not.toHaveProperty('errors');
  const { snapshot } = (body as { data: { snapshot: { endpoints: { service: string }[] } } }).data;
  return snapshot.endpoints.map(({ service }) => service).sort();
}

async function read(transport: GraphqlTransport, stage: string): Promise<readonly string[]> {
  const answer = await registrySource({ transport }).load({ stage, signal });
  if (answer.unchanged) throw new Error('unchanged was not expected');
  return answer.endpoints.map((endpoint) => (endpoint as { service: string }).service).sort();
}

test('wherever an upgrade or rollback stops, clients of either contract read what either wrote', async () => {
  const order = fc.tuple(
    fc.shuffledSubarray(functions, { minLength: functions.length }),
    fc.shuffledSubarray(resolvers, { minLength: resolvers.length }),
  );
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), async ([inPlace, after], isRollback) => {
      const schema: Resource = { kind: 'schema', name: 'schema' };
      const steps = [schema, ...inPlace, ...after];
      const stage = `upgrade-${++stageNumber}`;
      const wanted: string[] = [];
      for (let done = 0; done <= steps.length; done++) {
        // In a rollback, too, the schema comes first, then the rest in the same order.
        const changed = isRollback ? steps.slice(done) : steps.slice(0, done);
        const transport = makeTransport(mix(changed));
        const [before, now] = [`before-${done}`, `now-${done}`];
        await registerAsBefore(transport, stage, before);
        expect((await registerEndpoint(transport, input(stage, now))).change).toBe('registered');
        wanted.push(before, now);
        if (done % 3 === 2) {
          const gone = wanted.shift() as string;
          await deregisterEndpoint(transport, { stage, service: gone, owner: input(stage, gone).owner });
        }
        const expected = [...wanted].sort();
        expect(await readAsBefore(transport, stage)).toEqual(expected);
        expect(await read(transport, stage)).toEqual(expected);
      }
    }),
    { numRuns: scaleRuns(2) },
  );
}, 600_000);
