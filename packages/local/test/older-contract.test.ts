import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { registryDefinition, type RegistryDefinition } from '@amplify-discovery/registry/definition';
import {
  deregisterEndpoint,
  findService,
  getRegistryInfo,
  listStages,
  registerEndpoint,
} from '@amplify-discovery/registry/operations';
import { createResolverRuntime } from '../src/appsync-runtime.ts';
import { buildExecutableSchema } from '../src/build-executable-schema.ts';
import { openDynamoTable, type DynamoTable } from '../src/dynamo-table.ts';
import { createGraphqlExecutor } from '../src/create-graphql-executor.ts';

/** The contract from before registries had a version: schema and resolvers as they were then, over the same table. */
const older = JSON.parse(
  readFileSync(join(process.cwd(), 'packages/local/test/fixtures/contract-0.json'), 'utf8'),
) as RegistryDefinition;

let table: DynamoTable;
let before: GraphqlTransport;
let now: GraphqlTransport;
const requests: string[] = [];

beforeAll(async () => {
  table = await openDynamoTable(registryDefinition.table);
  before = makeTransport(older);
  now = makeTransport(registryDefinition);
});
afterAll(() => table.close());

function makeTransport(definition: RegistryDefinition): GraphqlTransport {
  const run = createResolverRuntime({ definition, call: table.call, env: {}, now: Date.now });
  const { execute } = createGraphqlExecutor(buildExecutableSchema(definition, run));
  return async ({ query, variables }) => {
    requests.push(query);
    return execute({ query, variables }, { mode: 'iam' });
  };
}

const signal = new AbortController().signal;
const input = {
  service: 'users',
  kind: 'rest',
  target: 'https://users.example.com',
  owner: 'stack-1',
  metadata: { team: 'a' },
} as const;

test('a registry reports its contract', async () => {
  expect(await getRegistryInfo(before)).toEqual({ version: 0, capabilities: [] });
  expect(await getRegistryInfo(now)).toMatchObject({ version: 1, capabilities: expect.arrayContaining(['head']) });
});

test('an older registry is written to and read with the fields that it knows', async () => {
  const stage = 'older';
  expect(await registerEndpoint(before, { stage, ...input, public: true })).toMatchObject({
    change: 'registered',
    endpoint: { service: 'users', priority: 0, public: false, actor: null, owner: 'stack-1' },
  });
  expect(await findService(before, 'users', { withOwner: true })).toMatchObject([{ stage, owner: 'stack-1' }]);
  expect(await listStages(before)).toEqual([stage]);

  const source = registrySource({ transport: before });
  const answer = await source.load({ stage, signal });
  expect(answer).toMatchObject({ endpoints: [{ service: 'users' }] });
  requests.length = 0;
  expect(await source.load({ stage, signal, knownRevision: answer.revision })).toMatchObject({ unchanged: true });
  expect(requests).toHaveLength(1);

  expect(await deregisterEndpoint(before, { stage, service: 'users', owner: 'stack-1' })).toMatchObject({
    change: 'deregistered',
  });
});

test('that a registry is older is remembered until the stage changes', async () => {
  const stage = 'remembered';
  const load = async (transport: GraphqlTransport, knownRevision?: string) => {
    requests.length = 0;
    const answer = await registrySource({ transport }).load({ stage, signal, knownRevision });
    return { ...answer, requests: requests.length };
  };
  await registerEndpoint(before, { stage, ...input });
  const first = await load(before);
  expect(first).toMatchObject({ endpoints: [{ service: 'users' }], requests: 2 });
  expect(await load(before, first.revision)).toEqual({ unchanged: true, revision: first.revision, requests: 1 });
  expect(await load(now, first.revision)).toEqual({ unchanged: true, revision: first.revision, requests: 1 });

  await registerEndpoint(before, { stage, ...input, target: 'https://moved.example.com' });
  const moved = await load(before, first.revision);
  expect(moved).toMatchObject({ endpoints: [{ target: 'https://moved.example.com' }], requests: 3 });

  await registerEndpoint(now, { stage, ...input, service: 'orders', priority: 5 });
  const upgraded = await load(now, moved.revision);
  expect(upgraded).toMatchObject({ endpoints: [{ service: 'orders', priority: 5 }, { service: 'users' }] });
  expect(await load(now, upgraded.revision)).toMatchObject({ unchanged: true, requests: 1 });
});

test('what an older registry cannot store is refused, not dropped', async () => {
  await expect(registerEndpoint(before, { stage: 'older', ...input, priority: 10 })).rejects.toMatchObject({
    code: 'RegistryOutdated',
    service: 'users',
  });
  expect((await registerEndpoint(before, { stage: 'older', ...input, priority: 0 })).change).toBe('registered');
});

test('an older registry ignores the heads that a newer one wrote', async () => {
  const stage = 'upgraded-and-back';
  await registerEndpoint(now, { stage, ...input });
  const { revision } = await registrySource({ transport: now }).load({ stage, signal });
  expect(await listStages(before)).toEqual(expect.not.arrayContaining([expect.stringContaining('#')]));
  const older = await registrySource({ transport: before }).load({ stage, signal });
  expect(older.revision).toBe(`${revision}!0`);
});

test('clients of the older contract write to a newer registry, and read it', async () => {
  const stage = 'old-client';
  const mutation = `mutation registerEndpoint($input: RegisterEndpointInput!) { registerEndpoint(input: $input) {
    stage service id change revision endpoint { stage service id kind target region signingService authMode version tenant
    weight metadata expiresAt owner token registeredAt updatedAt } } }`;
  const { metadata, ...rest } = input;
  const variables = { input: { stage, ...rest, metadata: JSON.stringify(metadata) } };
  expect((await now({ query: mutation, variables, signal })).body).toMatchObject({
    data: { registerEndpoint: { change: 'registered', revision: null, endpoint: { owner: 'stack-1' } } },
  });
  const query = `query($s:String!$v:[String!]$k:String$n:String){snapshot(stage:$s services:$v knownRevision:$k nextToken:$n){
    revision unchanged nextToken endpoints{
    stage service id kind target region signingService authMode version tenant weight metadata expiresAt}}}`;
  expect((await now({ query, variables: { s: stage }, signal })).body).toMatchObject({
    data: { snapshot: { endpoints: [{ service: 'users' }] } },
  });
});
