import { describe, expect, test } from '@jest/globals';
import { createTrust } from '@amplify-discovery/core';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles, makePage } from '../../test/make-bundles.ts';
import { defineDiscovery, ServiceRegistry, type AmplifyBackend, type DefineDiscoveryOptions } from '../index.ts';

makeBundles('registrar', 'publisher', 'console');
makePage();

/** What `defineBackend` gives, as far as discovery looks at it; with auth under a name of its own. */
function makeBackend({ type = 'branch', name = 'main', withAuth = false, groups = {} } = {}) {
  const context = { 'amplify-backend-name': name, 'amplify-backend-type': type };
  const stack = new Stack(makeApp(context), 'Root');
  const outputs: unknown[] = [];
  const stacks = new Map<string, NestedStack>();
  const authStack = withAuth ? new NestedStack(stack, 'auth') : undefined;
  const makeRole = (id: string) =>
    new Role(authStack as Stack, id, { assumedBy: new ServicePrincipal('cognito-identity.amazonaws.com') });
  const backend: AmplifyBackend & Record<string, unknown> = {
    stack,
    createStack: (id) => {
      const nested = new NestedStack(stack, id);
      stacks.set(id, nested);
      return nested;
    },
    addOutput: (output) => outputs.push(output),
    ...(authStack && {
      login: {
        resources: {
          userPool: new UserPool(authStack, 'Pool'),
          authenticatedUserIamRole: makeRole('In'),
          unauthenticatedUserIamRole: makeRole('Out'),
          groups,
        },
      },
    }),
  };
  return { backend, outputs, stacks, stack };
}

const imported = {
  url: 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
  serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
};

test('without auth a backend gets a registry that apps read by API key, and no empty stack', () => {
  const { backend, outputs, stacks } = makeBackend();
  const { registry, output } = defineDiscovery(backend);
  expect(registry.auth.mode).toBe('apiKey');
  expect(outputs).toEqual([{ custom: { discovery: output } }]);
  expect(output).toEqual({
    snapshot: registry.snapshot,
    registry: { url: registry.url, region: registry.region, auth: registry.auth },
    stage: 'main',
  });
  expect(output.snapshot?.url).toContain('{stage}.public.json');
  expect([...stacks.keys()]).toEqual(['discovery']);
});

test('with auth the signed-in and the guest role may read, by a policy outside of the auth stack', () => {
  const { backend, stacks, stack } = makeBackend({ withAuth: true });
  const { output } = defineDiscovery(backend);
  expect(output.registry.auth).toEqual({ mode: 'iam' });
  Template.fromStack(stack);
  const [policy] = Object.values(
    Template.fromStack(stacks.get('discovery-endpoints') as Stack).findResources('AWS::IAM::Policy'),
  );
  expect(policy?.Properties.Roles).toHaveLength(2);
  expect(policy?.Properties.PolicyDocument.Statement[0].Resource).toHaveLength(5);
});

test('a backend with auth may still be read by API key or by its users alone', () => {
  expect(defineDiscovery(makeBackend({ withAuth: true }).backend, { auth: 'apiKey' }).output.registry.auth.mode).toBe(
    'apiKey',
  );
  expect(defineDiscovery(makeBackend({ withAuth: true }).backend, { auth: 'userPool' }).output.registry.auth.mode).toBe(
    'userPool',
  );
});

test('open pages are notified of changes when asked, by a publisher that does not wait', () => {
  const { backend, stacks } = makeBackend();
  expect(defineDiscovery(backend, { live: true }).output).toMatchObject({ live: true });
  const streams = Template.fromStack(stacks.get('discovery') as Stack).findResources('AWS::Lambda::EventSourceMapping');
  const windows = Object.values(streams).map(({ Properties }) => Properties.MaximumBatchingWindowInSeconds as unknown);
  expect(windows).toContain(0);
  expect(defineDiscovery(makeBackend().backend).output).not.toHaveProperty('live');
});

test('where nothing is published, open pages are notified by a function that only announces', () => {
  const handlersOf = (options: DefineDiscoveryOptions) => {
    const { backend, stacks } = makeBackend();
    defineDiscovery(backend, { create: { auditLog: false }, ...options });
    const functions = Template.fromStack(stacks.get('discovery') as Stack).findResources('AWS::Lambda::Function');
    return Object.values(functions).map(({ Properties }) => Properties.Handler as string);
  };
  expect(handlersOf({ live: true, publish: false })).toContain('announce.handler');
  expect(handlersOf({ publish: false })).not.toContain('announce.handler');
  expect(handlersOf({ live: true })).not.toContain('announce.handler');
});

test('each service is registered in the stage that the branch is, and its host is trusted', () => {
  const { backend, stack } = makeBackend({ name: 'feature/login' });
  const api = new HttpApi(stack, 'Api');
  const { registrations, output } = defineDiscovery(backend, {
    registry: imported,
    services: { users: api, search: { url: 'https://search.example.com:8443', version: '1.0.0' } },
    fallbackStages: ['dev'],
    trustedHosts: ['*.partner.example', 'search.example.com:8443'],
  });
  expect(Object.values(registrations).map(({ service, stage }) => [service, stage])).toEqual([
    ['users', 'feature-login'],
    ['search', 'feature-login'],
  ]);
  expect(output.stage).toEqual(['feature-login', 'dev']);
  const { trustedHosts } = output;
  expect(trustedHosts).toEqual(['*.partner.example', 'search.example.com:8443', registrations.users?.host, 'aws']);
});

test('the app may call another team\u2019s service by its generated host, unless its list is strict', () => {
  const services = { users: { url: 'https://users.example.com' } };
  const trustOf = (options: DefineDiscoveryOptions) => {
    const { trustedHosts, registry } = defineDiscovery(makeBackend().backend, {
      registry: imported,
      ...options,
    }).output;
    return createTrust({ trustedHosts, region: registry.region });
  };
  const ours = 'https://users.example.com/me';
  const theirs = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
  const elsewhere = 'https://abc.execute-api.us-east-1.amazonaws.com/prod';
  const judge = (options: DefineDiscoveryOptions) => [ours, theirs, elsewhere].map(trustOf(options));
  expect(judge({ services })).toEqual(['listed', 'derived', undefined]);
  expect(judge({ services, trustedHosts: ['aws:us-east-1'] })).toEqual(['listed', 'derived', 'derived']);
  expect(judge({ services, strictHosts: true })).toEqual(['listed', undefined, undefined]);
  expect(judge({})).toEqual([undefined, 'derived', undefined]);
});

test('a backend\u2019s own APIs are public unless they say otherwise, and the deployment says who can read them', () => {
  for (const registry of [undefined, imported]) {
    const { backend, stack, stacks } = makeBackend();
    const handler = LambdaFunction.fromFunctionArn(stack, 'F', 'arn:aws:lambda:eu-west-1:111122223333:function:f');
    const url = 'https://users.example.com';
    const services = { users: { url }, hidden: { url, public: false }, handler };
    const { registrations } = defineDiscovery(backend, { registry, services });
    const endpoints = stacks.get('discovery-endpoints') as Stack;
    const found = Object.values(Template.fromStack(endpoints).findResources('Custom::ServiceEndpoint'));
    expect(found.map(({ Properties }) => Properties.Public as unknown)).toEqual([true, false, undefined]);
    const said = Object.values(registrations).flatMap(({ node }) => node.metadata);
    expect(said.map(({ data }) => data as string)).toEqual([
      expect.stringMatching(/^users in main. Public: readable with the API key .* public snapshot/),
      expect.stringMatching(/^hidden in main. Not public: readable with IAM/),
      expect.stringMatching(/^handler in main. Not public: /),
    ]);
  }
});

test('a registry can be joined as a construct, by attributes or by name', () => {
  const { backend, stack } = makeBackend();
  const registry = ServiceRegistry.fromServiceRegistryAttributes(stack, 'Own', {
    ...imported,
    auth: { mode: 'apiKey', apiKey: 'da2-x' },
  });
  expect(defineDiscovery(backend, { registry }).output.registry).toEqual({
    url: imported.url,
    region: 'eu-west-1',
    auth: { mode: 'apiKey', apiKey: 'da2-x' },
  });
  expect(defineDiscovery(makeBackend().backend, { registry: imported }).output.registry.auth).toEqual({ mode: 'iam' });
  const named = defineDiscovery(makeBackend().backend, { registry: { name: 'default' }, auth: 'apiKey' });
  expect(named.output.registry.auth.mode).toBe('apiKey');
});

test('a sandbox takes its table along, a branch keeps it', () => {
  const policies = ['sandbox', 'branch'].map((type) => {
    const { backend, stacks } = makeBackend({ type });
    defineDiscovery(backend);
    const [table] = Object.values(
      Template.fromStack(stacks.get('discovery') as Stack).findResources('AWS::DynamoDB::Table'),
    );
    return table?.DeletionPolicy as string;
  });
  expect(policies).toEqual(['Delete', 'Retain']);
});

test('options that don\u2019t fit together are refused with what to do', () => {
  const attempt =
    (options: DefineDiscoveryOptions, withAuth = false) =>
    () =>
      defineDiscovery(makeBackend({ withAuth }).backend, options);
  expect(attempt({ registry: imported, create: {} })).toThrow('[Root] create: there is nothing to create');
  expect(attempt({ registry: imported, auth: 'apiKey' })).toThrow('auth: the registry has no API key');
  expect(attempt({ registry: imported, auth: 'userPool' })).toThrow('auth: userPool needs the backend to have auth');
  expect(attempt({ registry: imported }, true)).toThrow('from another account use its API key');
  expect(attempt({ auth: 'userPool' })).toThrow('auth: userPool needs the backend to have auth');
  expect(attempt({ stage: 'feature/login' })).toThrow('stage: feature/login');
  expect(attempt({ trustedHosts: ['*.com'] })).toThrow('"*.com" is not a host pattern');
  expect(attempt({ strictHosts: true })).toThrow('strictHosts: the app could call no host');
});

test('the new registry is published beside it, its objects go with a sandbox, and the app reads them', () => {
  const { backend, stacks } = makeBackend({ type: 'sandbox' });
  const { publisher, output } = defineDiscovery(backend);
  expect(publisher?.publicUrl).toContain('{stage}.public.json');
  expect(output.snapshot).toEqual({ url: publisher?.publicUrl, trustedKeys: publisher?.trustedKeys });
  const template = Template.fromStack(stacks.get('discovery') as NestedStack);
  // The publisher's, and that of the log of changes.
  template.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
  template.resourceCountIs('Custom::SnapshotPublication', 1);
  template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });

  const branch = makeBackend();
  const unsigned = defineDiscovery(branch.backend, { publish: { signed: false } });
  expect(unsigned.output.snapshot).toEqual({ url: unsigned.publisher?.publicUrl });
  const kept = Template.fromStack(branch.stacks.get('discovery') as NestedStack);
  kept.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  const hidden = defineDiscovery(makeBackend().backend, { publish: { distribution: false } });
  expect([hidden.publisher?.publicUrl, hidden.output.snapshot]).toEqual([undefined, undefined]);
  expect(() => defineDiscovery(makeBackend().backend, { registry: imported, publish: true })).toThrow(
    '[Root] publish: snapshots are published where the registry is created',
  );
});

test('with publish: false there is no publisher, and the app reads the registry alone', () => {
  const { backend, stacks } = makeBackend();
  const { publisher, output } = defineDiscovery(backend, { publish: false });
  expect([publisher, Object.keys(output)]).toEqual([undefined, ['registry', 'stage']]);
  const template = Template.fromStack(stacks.get('discovery') as NestedStack);
  // That of the log of changes.
  template.resourceCountIs('AWS::S3::Bucket', 1);
  template.resourceCountIs('AWS::CloudFront::Distribution', 0);
});

test('a registry that was lost is built anew with the API, the key and the domain that apps have', () => {
  const api = { apiId: 'left', url: 'https://left.appsync-api.eu-west-1.amazonaws.com/graphql', apiKey: 'da2-left' };
  const { backend, stacks } = makeBackend();
  const { output } = defineDiscovery(backend, { create: { name: 'default', api, restoring: true } });
  expect(output.registry).toMatchObject({ url: api.url, auth: { mode: 'apiKey', apiKey: 'da2-left' } });
  Template.fromStack(stacks.get('discovery') as NestedStack).resourceCountIs('AWS::AppSync::GraphQLApi', 0);
  const domain = { domainName: 'registry.example.com' };
  const other = defineDiscovery(makeBackend().backend, { create: { name: 'default', domain } });
  expect(other.output.registry.url).toBe('https://registry.example.com/graphql');
});

test('the app of a backend that joins a registry reads the snapshots that it was joined with', () => {
  const snapshot = { url: 'https://cdn.example.com/{stage}.public.json' };
  expect(defineDiscovery(makeBackend().backend, { registry: { ...imported, snapshot } }).output.snapshot).toEqual(
    snapshot,
  );
  const named = defineDiscovery(makeBackend().backend, { registry: { name: 'default' } });
  expect(Object.keys(named.output.snapshot ?? {})).toEqual(['url', 'trustedKeys']);
  const unpublished = defineDiscovery(makeBackend().backend, { registry: { name: 'default', snapshot: false } });
  expect(unpublished.output.snapshot).toBe(undefined);
});

test('a sandbox and a branch register anew each day that they are deployed, which keeps previews alive', () => {
  const url = 'https://users.example.com';
  for (const type of ['sandbox', 'branch']) {
    const { backend, stacks } = makeBackend({ type });
    defineDiscovery(backend, { registry: imported, services: { users: { url }, orders: { url, renew: false } } });
    const found = Object.values(
      Template.fromStack(stacks.get('discovery-endpoints') as NestedStack).findResources('Custom::ServiceEndpoint'),
    ) as { Properties: { Service: string; RenewedOn?: string } }[];
    const days = found.map(({ Properties: { Service, RenewedOn } }) => [Service, RenewedOn]).sort();
    expect(days).toEqual([
      ['orders', undefined],
      ['users', expect.stringMatching(/^\d{4}-\d\d-\d\d$/)],
    ]);
  }
});

describe('a console', () => {
  const readConsole = ({ stacks }: ReturnType<typeof makeBackend>) =>
    Template.fromStack(stacks.get('discovery-console') as Stack);

  test('is for the users of the app, who read the registry as before', () => {
    const made = makeBackend({ withAuth: true });
    const discovery = defineDiscovery(made.backend, { console: true });
    expect(discovery.output.registry.auth).toEqual({ mode: 'iam' });
    expect(discovery.registry.userPool).toBe(Object(made.backend.login).resources.userPool);
    const template = readConsole(made);
    template.resourceCountIs('AWS::CloudFront::Distribution', 1);
    template.resourceCountIs('AWS::Cognito::UserPoolGroup', 1);
    template.resourceCountIs('AWS::Cognito::UserPoolDomain', 1);
    expect(discovery.console?.url).toMatch(/^https:/);
    expect(() => Template.fromStack(made.stack)).not.toThrow();
  });

  test('is not there unless it is wanted', () => {
    const made = makeBackend({ withAuth: true });
    expect(defineDiscovery(made.backend).console).toBeUndefined();
    expect(defineDiscovery(makeBackend().backend, { console: false }).console).toBeUndefined();
    expect(made.stacks.has('discovery-console')).toBe(false);
  });

  test('takes options, and a pool that is not the app\u2019s, whose app is read by key as before', () => {
    const made = makeBackend();
    const userPool = new UserPool(made.stack, 'Team');
    const { output, registry } = defineDiscovery(made.backend, {
      console: { userPool, userPoolDomain: 'https://login.example.com', createGroup: false, stages: ['main'] },
    });
    expect([output.registry.auth.mode, registry.userPool]).toEqual(['apiKey', userPool]);
    readConsole(made).resourceCountIs('AWS::Cognito::UserPoolDomain', 0);
    readConsole(made).resourceCountIs('AWS::Cognito::UserPoolGroup', 0);
  });

  test('makes neither a group nor a domain that the app\u2019s pool has', () => {
    const made = makeBackend({ withAuth: true, groups: { 'discovery-operators': {} } });
    const { userPool } = Object(made.backend.login).resources as { userPool: UserPool };
    userPool.addDomain('Own', { cognitoDomain: { domainPrefix: 'shop' } });
    expect(defineDiscovery(made.backend, { console: true }).console?.domain).toBeUndefined();
    const template = readConsole(made);
    template.resourceCountIs('AWS::Cognito::UserPoolDomain', 0);
    template.resourceCountIs('AWS::Cognito::UserPoolGroup', 0);
    expect(JSON.stringify(template.toJSON())).toContain('PoolOwn');
  });

  test('has notices also where nothing is published', () => {
    const made = makeBackend({ withAuth: true });
    defineDiscovery(made.backend, { console: true, publish: false });
    const functions = Template.fromStack(made.stacks.get('discovery') as Stack).findResources('AWS::Lambda::Function');
    expect(Object.keys(functions).some((name) => /Announce/i.test(name))).toBe(true);
  });

  test('joins a registry with the pool that it lets read', () => {
    const made = makeBackend();
    const userPool = new UserPool(made.stack, 'Team');
    defineDiscovery(made.backend, { registry: imported, console: { userPool } });
    readConsole(made).resourceCountIs('AWS::CloudFront::Distribution', 1);
  });

  test('that nobody could sign in to is refused, with what to do', () => {
    const attempt =
      (options: DefineDiscoveryOptions, withAuth = false) =>
      () =>
        defineDiscovery(makeBackend({ withAuth }).backend, options);
    expect(attempt({ console: true })).toThrow(
      '[Root] console: people sign in to it with a user pool: give the backend auth, or name a pool in console.userPool',
    );
    expect(attempt({ registry: imported, console: true })).toThrow(
      'console/Console] userPool: the registry was imported: name the user pool that it lets read',
    );
    expect(attempt({ console: { stages: ['a b'] } }, true)).toThrow('stages: "a b" is not a stage name');
    const userPool = UserPool.fromUserPoolId(new Stack(makeApp(), 'Other'), 'Pool', 'eu-west-1_abc');
    expect(attempt({ auth: 'userPool', console: { userPool } }, true)).toThrow(
      'userPool: the registry lets the users of another pool read',
    );
  });
});
