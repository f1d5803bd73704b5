import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildDependsOn, buildTemplate, logicalIdOf } from './build-template.ts';
import type { DiscoveryPlan, Registration } from './discovery-plan.ts';

const orders: Registration = {
  service: 'order-service',
  id: 'default',
  kind: 'rest',
  api: { category: 'api', resourceName: 'orders', attribute: 'RootUrl' },
};
const plan: DiscoveryPlan = {
  registry: { by: 'name', name: 'registry', auth: 'apiKey' },
  stages: {},
  trustedHosts: [],
  registrations: [orders],
};
const published = (value: string) => ({
  Type: 'AWS::SSM::Parameter::Value<String>',
  Default: `/amplify-discovery/registry/${value}`,
});
const registrarArn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';

function getOnlyProperties(plan: DiscoveryPlan): Record<string, unknown> {
  const [resource] = Object.values(buildTemplate(plan).Resources) as {
    Type: string;
    Properties: Record<string, unknown>;
  }[];
  expect(resource?.Type).toBe('Custom::ServiceEndpoint');
  return resource?.Properties ?? {};
}

describe('the template', () => {
  test('registers the output of the API under its name, in the stage of the environment', () => {
    expect(getOnlyProperties(plan)).toEqual({
      ServiceToken: { Ref: 'registrarArn' },
      ServiceTimeout: 120,
      Service: 'order-service',
      Stage: { Ref: 'env' },
      Id: 'default',
      Kind: 'rest',
      Target: { Ref: 'apiordersRootUrl' },
      Region: { Ref: 'AWS::Region' },
      Public: true,
      RenewedOn: { Ref: 'renewedOn' },
    });
    expect(buildTemplate(plan).Parameters).toEqual({
      env: { Type: 'String' },
      renewedOn: { Type: 'String', Default: '' },
      registrarArn: published('service-token'),
      registryUrl: published('url'),
      registryApiKey: published('api-key'),
      apiordersRootUrl: { Type: 'String' },
    });
  });

  test('passes everything on that a registration says, and nothing that it does not say', () => {
    const full: Registration = {
      ...orders,
      id: 'canary',
      signingService: 'execute-api',
      authMode: 'iam',
      version: '1.4.2',
      tenant: 'acme',
      priority: 10,
      weight: 0,
      metadata: { team: 'orders' },
      takeover: true,
    };
    expect(getOnlyProperties({ ...plan, registrations: [full] })).toMatchObject({
      Id: 'canary',
      SigningService: 'execute-api',
      AuthMode: 'iam',
      Version: '1.4.2',
      Tenant: 'acme',
      Priority: 10,
      Weight: 0,
      Metadata: { team: 'orders' },
      Takeover: true,
    });
  });

  test('registers as public unless a registration says otherwise, however the app reads; an ARN never', () => {
    const iam: DiscoveryPlan = { ...plan, registry: { by: 'name', name: 'registry', auth: 'iam' } };
    const isPublic = (given: DiscoveryPlan, more: Partial<Registration> = {}) =>
      getOnlyProperties({ ...given, registrations: [{ ...orders, ...more }] }).Public;
    expect([isPublic(plan), isPublic(plan, { public: false }), isPublic(plan, { kind: 'function' })]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    expect([isPublic(iam), isPublic(iam, { public: false })]).toEqual([true, undefined]);
  });

  test('is renewed by pushes unless a registration says otherwise, and takes the value of the last push even then', () => {
    const lasting = { ...plan, registrations: [{ ...orders, renew: false }] };
    expect(getOnlyProperties(lasting)).not.toHaveProperty('RenewedOn');
    expect(buildTemplate(lasting).Parameters).toHaveProperty('renewedOn');
  });

  test('gives mapped environments their stage and every other one its own name', () => {
    const mapped = { ...plan, stages: { prod: 'Production', test: 'staging' } };
    expect(buildTemplate(mapped).Conditions).toEqual({
      IsEnvProd: { 'Fn::Equals': [{ Ref: 'env' }, 'prod'] },
      IsEnvTest: { 'Fn::Equals': [{ Ref: 'env' }, 'test'] },
    });
    const stage = { 'Fn::If': ['IsEnvTest', 'staging', { 'Fn::If': ['IsEnvProd', 'Production', { Ref: 'env' }] }] };
    expect(getOnlyProperties(mapped).Stage).toEqual(stage);
    expect(buildTemplate(mapped).Outputs).toMatchObject({ Stage: { Value: stage } });
  });

  test('takes a registry that is given by its values from parameters, so an environment can have another', () => {
    const url = 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql';
    const explicit = {
      ...plan,
      registry: { by: 'values', registrarArn, url, auth: 'apiKey', apiKey: 'da2-x' },
    } as const;
    expect(getOnlyProperties(explicit).ServiceToken).toEqual({ Ref: 'registrarArn' });
    expect(buildTemplate(explicit)).toMatchObject({
      Parameters: {
        registrarArn: { Default: registrarArn },
        registryUrl: { Default: url },
        registryApiKey: { Default: 'da2-x' },
      },
      Outputs: { RegistryUrl: { Value: { Ref: 'registryUrl' } }, RegistryApiKey: { Value: { Ref: 'registryApiKey' } } },
    });
  });

  test('registers through the alias of the registrar, where write access is limited to it', () => {
    const scoped = {
      ...plan,
      registry: { by: 'name', name: 'registry', alias: 'team-orders', auth: 'apiKey' },
    } as const;
    expect(getOnlyProperties(scoped).ServiceToken).toEqual({
      'Fn::Join': [':', [{ Ref: 'registrarArn' }, 'team-orders']],
    });
    expect(logicalIdOf(scoped, orders)).not.toBe(logicalIdOf(plan, orders));
  });

  test('asks for no API key where the app reads the registry otherwise', () => {
    const iam = { ...plan, registry: { by: 'name', name: 'team', auth: 'iam' } } as const;
    expect(Object.keys(buildTemplate(iam).Outputs as object)).toEqual([
      'Stage',
      'RegistryUrl',
      'RegistryRegion',
      'RegistryAuthMode',
    ]);
  });

  test('leaves snapshots out unless they were asked for', () => {
    expect(JSON.stringify(buildTemplate(plan))).not.toMatch(/snapshot/i);
  });

  test('passes on where the registry publishes its snapshots, and who signs them', () => {
    expect(buildTemplate({ ...plan, snapshot: { by: 'name' } })).toMatchObject({
      Parameters: { snapshotUrl: published('snapshot-url'), snapshotKeys: published('snapshot-keys') },
      Outputs: { SnapshotUrl: { Value: { Ref: 'snapshotUrl' } }, SnapshotKeys: { Value: { Ref: 'snapshotKeys' } } },
    });
  });

  test('takes snapshots that are given by their values from parameters, so an environment can have others', () => {
    const url = 'https://cdn.example.com/{stage}.public.json';
    const { Parameters, Outputs } = buildTemplate({ ...plan, snapshot: { by: 'values', url, keys: '[]' } });
    expect(Parameters).toMatchObject({
      snapshotUrl: { Type: 'String', Default: url },
      snapshotKeys: { Type: 'String', Default: '[]' },
    });
    expect(Outputs).toMatchObject({ SnapshotUrl: { Value: { Ref: 'snapshotUrl' } } });
  });

  test("trusts AWS's API domains of the region beside the hosts that it names, unless those are all", () => {
    const trusting = { ...plan, trustedHosts: ['*.a.example', 'b.example'] };
    expect(buildTemplate(trusting).Outputs).toMatchObject({ TrustedHosts: { Value: '*.a.example,b.example,aws' } });
    expect(buildTemplate({ ...trusting, strictHosts: true }).Outputs).toMatchObject({
      TrustedHosts: { Value: '*.a.example,b.example' },
    });
    expect(buildTemplate(plan).Outputs).not.toHaveProperty('TrustedHosts');
  });

  test('asks for each output once, however many names it has', () => {
    const twice = { ...plan, registrations: [orders, { ...orders, service: 'old-name' }] };
    expect(buildDependsOn(twice)).toEqual([{ category: 'api', resourceName: 'orders', attributes: ['RootUrl'] }]);
  });
});

describe('the logical id', () => {
  const name = fc.stringMatching(/^\w[\w.-]{0,127}$/);

  test('is what CloudFormation accepts, and one of its own for every service and id', () => {
    fc.assert(
      fc.property(name, name, name, name, (service, id, otherService, otherId) => {
        const logicalId = logicalIdOf(plan, { ...orders, service, id });
        expect(logicalId).toMatch(/^[A-Za-z0-9]{1,255}$/);
        fc.pre(service !== otherService || id !== otherId);
        expect(logicalIdOf(plan, { ...orders, service: otherService, id: otherId })).not.toBe(logicalId);
      }),
    );
  });

  test('stays when anything but the key changes, for it is part of the owner', () => {
    const changed = { ...orders, version: '2.0.0', api: { ...orders.api, resourceName: 'other' } };
    const other: DiscoveryPlan = { ...plan, stages: { prod: 'Production' }, snapshot: { by: 'name' } };
    expect(logicalIdOf(other, changed)).toBe(logicalIdOf(plan, orders));
  });

  test('changes with the registry, because CloudFormation does not let a service token change', () => {
    const moved = { ...plan, registry: { by: 'name', name: 'other', auth: 'apiKey' } } as const;
    expect(logicalIdOf(moved, orders)).not.toBe(logicalIdOf(plan, orders));
  });
});
