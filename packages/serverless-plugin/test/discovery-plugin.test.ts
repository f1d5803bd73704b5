import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { DiscoveryPlugin } from '../src/discovery-plugin.ts';
import type { Serverless } from '../src/serverless.ts';
import type { Template } from '../src/template.ts';

class FrameworkError extends Error {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

let registry: LocalRegistry;
let written: string[];
let warnings: string[];
let notices: string[];

beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());
beforeEach(() => {
  written = [];
  warnings = [];
  notices = [];
});

function load(discovery: object, template: Template, options: { json?: boolean } = {}) {
  const schemas: object[] = [];
  const serverless: Serverless = {
    service: { service: 'users', custom: { discovery }, provider: { compiledCloudFormationTemplate: template } },
    configSchemaHandler: { defineCustomProperties: (schema) => void schemas.push(schema) },
    classes: { Error: FrameworkError },
    getProvider: () => ({
      naming: {
        getRestApiLogicalId: () => 'ApiGatewayRestApi',
        getHttpApiLogicalId: () => 'HttpApi',
        getWebsocketsApiLogicalId: () => 'WebsocketsApi',
        getLambdaLogicalId: (name) => `${name}LambdaFunction`,
        getLambdaFunctionUrlLogicalId: (name) => `${name}LambdaFunctionUrl`,
      },
      getStage: () => 'dev',
      getRegion: () => registry.region,
      getCredentials: () => ({ credentials: registry.credentials }),
    }),
  };
  const plugin = new DiscoveryPlugin(serverless, options, {
    log: { warning: (text) => void warnings.push(text), notice: (text) => void notices.push(text) },
    writeText: (text) => void written.push(text),
  });
  return { run: async (hook: string) => plugin.hooks[hook]?.(), schemas, plugin };
}

const packageHook = 'after:aws:package:finalize:mergeCustomProviderResources';
const makeTemplate = (): Template => ({ Resources: {}, Outputs: { HttpApiUrl: { Value: 'HTTP_URL' } } });

describe('packaging', () => {
  test('adds the registration and its parameter to the compiled template', async () => {
    const template = makeTemplate();
    await load({ registry: 'main' }, template).run(packageHook);
    expect(Object.values(template.Resources)).toEqual([expect.objectContaining({ Type: 'Custom::ServiceEndpoint' })]);
    expect(Object.keys(template.Parameters ?? {})).toEqual(['DiscoveryRegistrar']);
  });

  test('says who will be able to read each record, which by default is not everyone', async () => {
    const endpoints = [
      { service: 'orders', httpApi: true },
      { service: 'search', httpApi: true, public: true },
    ];
    await load({ registry: 'main', endpoints }, makeTemplate()).run(packageHook);
    expect(notices).toEqual([
      'custom.discovery: orders/default. Not public: readable with IAM or a user pool alone',
      'custom.discovery: search/default. Public: readable with the API key of an open stage, and part of the public snapshot',
    ]);
  });

  test("a fault in the configuration fails the deployment with the framework's own error, and changes nothing", async () => {
    const template = makeTemplate();
    const failed = load({ registry: 'a/b' }, template).run(packageHook);
    await expect(failed).rejects.toBeInstanceOf(FrameworkError);
    await expect(failed).rejects.toMatchObject({
      code: 'DISCOVERY_InvalidOptions',
      message: expect.stringContaining('registry must be the name'),
    });
    expect(template).toEqual(makeTemplate());
  });

  test("warns about the predecessor's keys", async () => {
    await load({ registry: 'main', externalID: 'acme' }, makeTemplate()).run(packageHook);
    expect(warnings).toEqual(['custom.discovery: externalID is read as tenant: rename it']);
  });

  test('gives the framework the schema of its keys', () => {
    expect(load({}, makeTemplate()).schemas).toEqual([
      expect.objectContaining({ properties: { discovery: expect.anything() } }),
    ]);
  });
});

describe('serverless discovery', () => {
  const list = (discovery: object, options?: { json?: boolean }) =>
    load({ registry: 'main', ...discovery }, makeTemplate(), options).run('discovery:list');

  beforeAll(async () => {
    const transport = sigv4Transport(registry);
    const shared = { kind: 'rest', owner: 'test' } as const;
    await registerEndpoint(transport, { ...shared, stage: 'dev', service: 'users', target: 'https://dev.example.com' });
    await registerEndpoint(transport, {
      ...shared,
      stage: 'prod',
      service: 'users',
      target: 'https://prod.example.com',
    });
    await registerEndpoint(transport, {
      ...shared,
      stage: 'prod',
      service: 'orders',
      target: 'https://orders.example.com',
    });
  });

  test('shows what is registered under the names of this service, in all stages', async () => {
    await list({ registryUrl: registry.url });
    expect(written.join().split('\n')).toEqual([
      'STAGE  SERVICE  ID       KIND  TARGET',
      'dev    users    default  rest  https://dev.example.com',
      'prod   users    default  rest  https://prod.example.com',
    ]);
  });

  test('prints JSON', async () => {
    await list({ registryUrl: registry.url, service: 'orders' }, { json: true });
    expect(JSON.parse(written.join())).toEqual({
      endpoints: [expect.objectContaining({ service: 'orders', stage: 'prod' })],
    });
  });

  test('says when nothing is registered', async () => {
    await list({ registryUrl: registry.url, service: 'nobody' });
    expect(written).toEqual(['Nothing is registered.']);
  });

  test.each([
    [{}, 'registryUrl is missing', 'DISCOVERY_InvalidOptions'],
    [{ registryUrl: 'http://127.0.0.1:1/graphql' }, 'no answer', 'DISCOVERY_RegistryUnavailable'],
  ])('fails with a reason for %j', async (discovery, message, code) => {
    await expect(list(discovery)).rejects.toMatchObject({ message: expect.stringContaining(message), code });
  });
});
