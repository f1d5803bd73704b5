import { describe, expect, test } from '@jest/globals';
import { parseAddOptions } from './parse-add-options.ts';
import { planAdd, planRemove } from './plan-change.ts';

const meta = {
  api: { orders: { service: 'API Gateway' }, blog: { service: 'AppSync' } },
  function: { orders: { service: 'Lambda' }, importer: { service: 'Lambda' } },
  custom: { edge: { service: 'customCloudformation' } },
};
const add = (api: string, options = {}) => parseAddOptions({ api, ...options });

describe('adding', () => {
  test('takes the output that each kind of API has, pushed or not', () => {
    const { registrations } = planAdd(undefined, add('orders=a,blog=b,function/importer=c,custom/edge.Url=d'), meta);
    expect(registrations).toEqual([
      {
        service: 'a',
        id: 'default',
        kind: 'rest',
        api: { category: 'api', resourceName: 'orders', attribute: 'RootUrl' },
      },
      {
        service: 'b',
        id: 'default',
        kind: 'graphql',
        api: { category: 'api', resourceName: 'blog', attribute: 'GraphQLAPIEndpointOutput' },
      },
      {
        service: 'c',
        id: 'default',
        kind: 'function',
        api: { category: 'function', resourceName: 'importer', attribute: 'Arn' },
      },
      { service: 'd', id: 'default', api: { category: 'custom', resourceName: 'edge', attribute: 'Url' } },
    ]);
  });

  test('takes APIs in containers, of either type, and keeps the kind of an API that names another output', () => {
    const containers = {
      api: {
        cart: { service: 'ElasticContainer', apiType: 'REST' },
        graph: { service: 'ElasticContainer', apiType: 'GRAPHQL' },
        blog: { service: 'AppSync' },
      },
    };
    const { registrations } = planAdd(undefined, add('cart=a,graph=b,api/blog.CustomUrl=c'), containers);
    expect(registrations.map(({ kind, api }) => [api.resourceName, api.attribute, kind])).toEqual([
      ['cart', 'RootUrl', 'http'],
      ['graph', 'GraphQLAPIEndpointOutput', 'graphql'],
      ['blog', 'CustomUrl', 'graphql'],
    ]);
  });

  test('keeps open pages notified until a flag ends that', () => {
    const live = planAdd(undefined, add('orders=a', { live: true }), meta);
    expect(planAdd(live, add('blog=b'), meta)).toMatchObject({ live: true });
    expect(planAdd(live, parseAddOptions({ live: 'false' }), meta)).not.toHaveProperty('live');
    expect(() => parseAddOptions({ live: 'often' })).toThrow(/--live/);
  });

  test('keeps the list of hosts strict until a flag lifts that, and needs the hosts', () => {
    const strict = planAdd(undefined, add('orders=a', { trust: '*.example.com', 'strict-hosts': true }), meta);
    expect(planAdd(strict, add('blog=b'), meta)).toMatchObject({ strictHosts: true });
    expect(planAdd(strict, parseAddOptions({ 'strict-hosts': 'false' }), meta)).not.toHaveProperty('strictHosts');
    expect(() => planAdd(undefined, add('orders=a', { 'strict-hosts': true }), meta)).toThrow(/--trust/);
  });

  test('twice the same is once', () => {
    const once = planAdd(undefined, add('orders=a', { stage: 'prod=Production' }), meta);
    expect(planAdd(once, add('orders=a'), meta)).toEqual(once);
  });

  test('changes what it names and keeps the rest', () => {
    const before = planAdd(undefined, add('orders=a,blog=b', { registry: 'team', trust: '*.example.com' }), meta);
    const after = planAdd(before, add('orders=a', { weight: '10' }), meta);
    expect(after.registrations).toEqual([{ ...before.registrations[0], weight: 10 }, before.registrations[1]]);
    expect(after.registry).toEqual(before.registry);
    expect(after.trustedHosts).toEqual(['*.example.com']);
  });

  test('asks for snapshots, keeps asking, and takes it back', () => {
    const asked = planAdd(undefined, add('orders=a', { snapshot: true }), meta);
    expect(asked.snapshot).toEqual({ by: 'name' });
    expect(planAdd(asked, add('blog=b'), meta).snapshot).toEqual({ by: 'name' });
    expect(planAdd(asked, parseAddOptions({ snapshot: 'false' }), meta)).toEqual(
      planAdd(undefined, add('orders=a'), meta),
    );
  });

  test('a registry without a name publishes nothing under it, so its snapshots have to be given', () => {
    const registrar = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
    const values = { registrar, 'registry-url': 'https://a.example/graphql', 'registry-auth': 'iam' };
    expect(() => planAdd(undefined, add('orders=a', { ...values, snapshot: true }), meta)).toThrow(
      /give --snapshot-url/,
    );
    const asked = planAdd(undefined, add('orders=a', { snapshot: true }), meta);
    expect(() => planAdd(asked, parseAddOptions(values), meta)).toThrow(/give --snapshot-url/);
    const given = { ...values, 'snapshot-url': '/{stage}.json', 'snapshot-keys': '[]' };
    expect(planAdd(asked, parseAddOptions(given), meta).snapshot).toMatchObject({ by: 'values' });
  });

  test.each([
    'nope=a',
    'api/importer=a',
    'providers/awscloudformation.Region=a',
    'custom/nope.Url=a',
    'custom/edge.U_l=a',
    '__proto__/toString.Url=a',
  ])('%s is refused with the APIs that there are', (api) => {
    expect(() => planAdd(undefined, add(api), meta)).toThrow(/No API .*api\/orders, api\/blog, function\/orders/);
  });

  test('two APIs under one name are refused', () => {
    expect(() => planAdd(undefined, add('orders=a,blog=a'), meta)).toThrow(/cannot both be "a"/);
  });

  test('nothing is refused', () => {
    expect(() => planAdd(undefined, parseAddOptions({ yes: true }), meta)).toThrow(/nothing to register/);
  });
});

describe('removing', () => {
  const plan = planAdd(undefined, add('orders=a,blog=b'), meta);

  test('a service leaves the others', () => {
    expect(planRemove(plan, ['a'])).toEqual({ ...plan, registrations: [plan.registrations[1]] });
  });

  test('the last service leaves nothing', () => {
    expect(planRemove(plan, ['a', 'b'])).toBeUndefined();
  });

  test('an unknown service is refused, and none is removed', () => {
    expect(() => planRemove(plan, ['a', 'c'])).toThrow(/"c" is not registered by this project; it has a, b/);
  });
});
