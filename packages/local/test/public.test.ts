import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { deregisterEndpoint, findService, registerEndpoint } from '@amplify-discovery/registry/operations';
import { openRegistry, type OpenRegistry } from '../src/open-registry.ts';
import { directTransport } from './direct-transport.ts';

/** As deployed: a record is public only if its registration says so. */
let registry: OpenRegistry;
let deployer: GraphqlTransport;
let anybody: GraphqlTransport;
beforeAll(async () => {
  registry = await openRegistry({ publicByDefault: false, openStages: ['Production', 'pr-*'] });
  deployer = directTransport(registry, 'iam');
  anybody = directTransport(registry, 'apiKey');
});
afterAll(() => registry.close());

const register = (stage: string, service: string, isPublic?: boolean) =>
  registerEndpoint(deployer, {
    stage,
    service,
    kind: 'rest',
    target: `https://${service}.example.com`,
    owner: 'stack-1',
    public: isPublic,
  });
async function load(transport: GraphqlTransport, stage: string, knownRevision?: string) {
  const answer = await registrySource({ transport }).load({
    stage,
    knownRevision,
    signal: new AbortController().signal,
  });
  const names = answer.unchanged ? [] : answer.endpoints.map((endpoint) => (endpoint as { service: string }).service);
  return { ...answer, names: names.sort() };
}

test('an API key reads the public records of a stage and no others', async () => {
  await register('Production', 'users', true);
  await register('Production', 'billing', false);
  await register('Production', 'audit');
  expect((await load(deployer, 'Production')).names).toEqual(['audit', 'billing', 'users']);
  expect((await load(anybody, 'Production')).names).toEqual(['users']);
});

test('a change of a private record does not change the public revision', async () => {
  await register('pr-1', 'users', true);
  const [seen, whole] = [await load(anybody, 'pr-1'), await load(deployer, 'pr-1')];
  await register('pr-1', 'billing');
  expect((await load(anybody, 'pr-1', seen.revision)).unchanged).toBe(true);
  expect((await load(deployer, 'pr-1', whole.revision)).unchanged).toBeFalsy();
  await register('pr-1', 'billing', true);
  expect((await load(anybody, 'pr-1', seen.revision)).names).toEqual(['billing', 'users']);
  await deregisterEndpoint(deployer, { stage: 'pr-1', service: 'billing', owner: 'stack-1' });
  expect((await load(anybody, 'pr-1')).revision).toBe(seen.revision);
});

test('to an API key a closed stage looks like one that does not exist', async () => {
  await register('staging', 'users', true);
  const nothing = await load(anybody, 'nobody-registered-here');
  const closed = await load(anybody, 'staging');
  expect(closed).toEqual(nothing);
  expect((await load(anybody, 'staging', closed.revision)).unchanged).toBe(true);
  expect((await load(deployer, 'staging')).names).toEqual(['users']);
});

test('a record stores whether it is public, and who wrote it', async () => {
  await register('Production', 'kept', true);
  const found = await findService(deployer, 'kept', { withOwner: true });
  expect(found).toMatchObject([{ public: true, actor: 'arn:aws:iam::000000000000:user/local' }]);
});

test('an endpoint with an ARN cannot be public', async () => {
  const record = {
    stage: 'Production',
    service: 'resize',
    kind: 'function',
    target: 'arn:aws:lambda:eu-west-1:111122223333:function:resize',
    owner: 'stack-1',
  } as const;
  await expect(registerEndpoint(deployer, { ...record, public: true })).rejects.toMatchObject({
    code: 'InvalidRecord',
    message: expect.stringContaining('public must be false when the kind is function'),
  });
  const local = await openRegistry();
  try {
    await registerEndpoint(directTransport(local, 'iam'), record);
    expect((await load(directTransport(local, 'apiKey'), 'Production')).names).toEqual([]);
  } finally {
    await local.close();
  }
});

test('on a registry of this machine everything is public unless it was registered otherwise, but never an ARN', async () => {
  const own = await openRegistry();
  const transport = directTransport(own, 'iam');
  const input = { stage: 'dev', kind: 'rest', target: 'https://x.example.com', owner: 'me' } as const;
  try {
    await registerEndpoint(transport, { ...input, service: 'users' });
    await registerEndpoint(transport, { ...input, service: 'billing', public: false });
    const target = 'arn:aws:lambda:eu-west-1:111122223333:function:x';
    await registerEndpoint(transport, { ...input, service: 'jobs', kind: 'function', target });
    expect((await load(directTransport(own, 'apiKey'), 'dev')).names).toEqual(['users']);
    expect((await load(transport, 'dev')).names).toEqual(['billing', 'jobs', 'users']);
  } finally {
    await own.close();
  }
});
