import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { executeAmplifyCommand, handleAmplifyEvent } from '@amplify-discovery/amplify-plugin';
import { renewRegistrations } from '../src/renew-registrations.ts';
import { runAdd } from '../src/run-add.ts';
import { runList } from '../src/run-list.ts';
import { runRemove } from '../src/run-remove.ts';
import { runStatus } from '../src/run-status.ts';
import { createFakeAmplifyProject, type FakeAmplifyProject } from './fake-amplify-project.ts';

let project: FakeAmplifyProject;
beforeEach(() => {
  project = createFakeAmplifyProject();
});
afterEach(() => project.remove());

const categoryFolder = () => join(project.folder, 'amplify/backend/custom/discovery');
const templateFile = () => join(categoryFolder(), 'discovery-cloudformation-template.json');
const readTemplateText = () => readFileSync(templateFile(), 'utf8');
const add = (options: Record<string, string | boolean>) => runAdd(project.context('add', options), false);
const exportsFile = () => join(project.folder, 'src/amplify_discovery.json');
const pushed = {
  Stage: 'dev',
  RegistryUrl: 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql',
  RegistryRegion: 'eu-west-1',
  RegistryAuthMode: 'iam',
};

function pretendPush(more: Record<string, string> = {}): void {
  project.meta.custom = { discovery: { ...project.meta.custom?.discovery, output: { ...pushed, ...more } } };
}

describe('amplify discovery add', () => {
  test('writes a category that the next push deploys, before the API was ever pushed', async () => {
    await add({ api: 'orders=order-service' });
    expect(JSON.parse(readTemplateText())).toHaveProperty('Resources');
    expect(readFileSync(join(categoryFolder(), 'parameters.json'), 'utf8')).toBe('{}\n');
    expect(project.meta.custom?.discovery).toEqual({
      service: 'customCloudformation',
      providerPlugin: 'awscloudformation',
      dependsOn: [{ category: 'api', resourceName: 'orders', attributes: ['RootUrl'] }],
    });
    expect(project.printed.join('\n')).toContain(
      'api/orders → order-service in stage dev\ninfo:     Public: readable with the API key of an open stage',
    );
  });

  test('repeated, writes nothing', async () => {
    await add({ api: 'orders=order-service' });
    const before = readTemplateText();
    await add({ api: 'orders=order-service' });
    expect(readTemplateText()).toBe(before);
    expect(project.printed.at(-1)).toContain('nothing to do');
  });

  test("after a push, which wrote the CLI's description into the file, changes nothing either", async () => {
    await add({ api: 'orders=order-service' });
    const pushedText = JSON.stringify({ ...(JSON.parse(readTemplateText()) as object), Description: 'by Amplify' });
    writeFileSync(templateFile(), pushedText);
    await add({ api: 'orders=order-service' });
    expect(readTemplateText()).toBe(pushedText);
    await add({ api: 'blog=blog' });
    expect(JSON.parse(readTemplateText())).toHaveProperty('Description', 'by Amplify');
  });

  test('for another API, adds the dependency to the books and keeps the outputs of the last push', async () => {
    await add({ api: 'orders=order-service' });
    pretendPush();
    await add({ api: 'blog=blog' });
    expect(project.meta.custom?.discovery).toMatchObject({
      output: pushed,
      dependsOn: [{ resourceName: 'blog' }, { resourceName: 'orders' }],
    });
  });

  test('mends a project whose books lost the category', async () => {
    await add({ api: 'orders=order-service' });
    delete project.meta.custom;
    await add({ api: 'orders=order-service' });
    expect(project.meta.custom).toHaveProperty('discovery');
  });

  test('refuses to write over an edit by hand, and leaves every file as it was', async () => {
    await add({ api: 'orders=order-service' });
    const edited = readTemplateText().replace('"ServiceTimeout": 120', '"ServiceTimeout": 30');
    writeFileSync(templateFile(), edited);
    await expect(add({ api: 'blog=blog' })).rejects.toThrow(/changed by hand/);
    expect(readTemplateText()).toBe(edited);
  });

  test("refuses to write into another category's folder", async () => {
    mkdirSync(categoryFolder(), { recursive: true });
    writeFileSync(templateFile(), '{"Resources":{}}');
    await expect(add({ api: 'orders=order-service' })).rejects.toThrow(/another custom category "discovery".*--name/);
    await add({ api: 'orders=order-service', name: 'registrations' });
    expect(readTemplateText()).toBe('{"Resources":{}}');
    expect(project.meta.custom).toHaveProperty('registrations');
  });

  test('takes a category and an API that are named as members of an object are', async () => {
    const { api = {} } = project.meta;
    project.meta.api = { ...api, constructor: { service: 'API Gateway' } };
    await add({ api: 'constructor=order-service', name: 'constructor' });
    expect(Object.keys(project.meta.custom ?? {})).toEqual(['constructor']);
    project.meta.api = api;
    runStatus(project.context('status'));
    expect(project.printed.at(-1)).toMatch(/^warning: api\/constructor is gone/);
    await expect(add({ api: 'toString=order-service' })).rejects.toThrow('No API "toString"');
  });

  test("keeps the team's own values in parameters.json", async () => {
    await add({ api: 'orders=order-service' });
    writeFileSync(join(categoryFolder(), 'parameters.json'), '{"registryUrl":"https://x"}');
    await add({ api: 'blog=blog' });
    expect(readFileSync(join(categoryFolder(), 'parameters.json'), 'utf8')).toBe('{"registryUrl":"https://x"}');
  });

  test('with --yes takes every API, but no function, under its own name', async () => {
    await add({ yes: true });
    runList(project.context('list'));
    expect(project.printed.slice(-3)).toEqual([
      'info: api/blog                 blog',
      'info: api/orders               orders',
      'info: function/ordersFunction  (not registered)',
    ]);
  });

  test('asks what the flags leave open', async () => {
    project.answers.push(['api/orders', 'api/blog'], 'order-service', 'blog', 'team-registry');
    await runAdd(project.context('add'), true);
    expect(readTemplateText()).toContain('"Default": "/amplify-discovery/team-registry/url"');
    expect(readTemplateText()).toContain('"Service": "order-service"');
    expect(project.answers).toEqual([]);
  });

  test('does not ask without a terminal', async () => {
    await expect(add({})).rejects.toThrow(/no terminal to ask on: .*--api/);
    expect(existsSync(categoryFolder())).toBe(false);
  });

  test('switches snapshots on and off in a project that has its services already, once each', async () => {
    await add({ api: 'orders=order-service', registry: 'team' });
    const without = readTemplateText();
    await add({ snapshot: true });
    expect(readTemplateText()).toContain('"Default": "/amplify-discovery/team/snapshot-url"');
    await add({ snapshot: true });
    expect(project.printed.at(-1)).toContain('nothing to do');
    runStatus(project.context('status'));
    expect(project.printed).toContain('info: Snapshot      (known after the next push) (as the registry publishes it)');
    await add({ snapshot: 'false' });
    expect(readTemplateText()).toBe(without);
  });

  test('maps a stage of a project that has its services already', async () => {
    await add({ api: 'orders=order-service' });
    await add({ stage: 'dev=Development' });
    runStatus(project.context('status'));
    expect(project.printed).toContain('info: Stage         Development');
  });
});

describe('amplify discovery remove', () => {
  test('of one service leaves the others to be registered', async () => {
    await add({ api: 'orders=order-service,blog=blog' });
    await runRemove(project.context('remove', { yes: true }, ['blog']), false);
    expect(readTemplateText()).not.toContain('"Service": "blog"');
    expect(project.meta.custom?.discovery?.dependsOn).toEqual([
      { category: 'api', resourceName: 'orders', attributes: ['RootUrl'] },
    ]);
  });

  test('of the last service removes the category, so that the push deletes its stack', async () => {
    await add({ api: 'orders=order-service' });
    await runRemove(project.context('remove', { yes: true }), false);
    expect(existsSync(categoryFolder())).toBe(false);
    expect(project.meta.custom).toEqual({});
  });

  test('asks first, and keeps everything on a no', async () => {
    await add({ api: 'orders=order-service' });
    project.answers.push(false);
    await runRemove(project.context('remove'), true);
    expect(existsSync(templateFile())).toBe(true);
  });

  test('needs --yes without a terminal', async () => {
    await add({ api: 'orders=order-service' });
    await expect(runRemove(project.context('remove'), false)).rejects.toThrow(/--yes/);
  });
});

describe('amplify discovery status', () => {
  test('names an API that is gone before the push fails on it', async () => {
    await add({ api: 'orders=order-service' });
    delete project.meta.api?.orders;
    runStatus(project.context('status'));
    expect(project.printed.at(-1)).toMatch(/^warning: api\/orders is gone/);
  });
});

describe('an API whose override has switched its default address off', () => {
  const off = (name: string, more: object = {}) => ({
    Resources: {
      [name]: { Type: 'AWS::ApiGateway::RestApi', Properties: { DisableExecuteApiEndpoint: true } },
      ...more,
    },
  });
  const advice =
    /^api\/orders: its default address is switched off.*amplify\/backend\/api\/orders\/override\.ts: resources\.addCfnOutput\(.*, 'CustomUrl'\).*amplify discovery add --api api\/orders\.CustomUrl=order-service$/;
  const writeOverride = () => {
    mkdirSync(join(project.folder, 'amplify/backend/api/orders'), { recursive: true });
    writeFileSync(join(project.folder, 'amplify/backend/api/orders/override.ts'), '// what it does is in overrides');
  };
  const prePush = () => handleAmplifyEvent(project.context('push'), { event: 'PrePush' });

  test('is not registered by it: add says what to write instead', async () => {
    project.build('orders', off('orders'));
    await expect(add({ api: 'orders=order-service' })).rejects.toThrow(advice);
    expect(existsSync(categoryFolder())).toBe(false);
  });

  test('is registered by an output of its stack, as the kind of API that it is', async () => {
    project.build('orders', off('orders'));
    await add({ api: 'api/orders.CustomUrl=order-service' });
    const { Resources } = JSON.parse(readTemplateText()) as { Resources: Record<string, { Properties: object }> };
    expect(Object.values(Resources)[0]?.Properties).toMatchObject({
      Kind: 'rest',
      Target: { Ref: 'apiordersCustomUrl' },
    });
    await prePush();
  });

  test('names the custom domain that leads to it', async () => {
    const mapping = { RestApiId: { Ref: 'orders' }, DomainName: 'api.example.com', BasePath: 'orders', Stage: 'dev' };
    project.build(
      'orders',
      off('orders', { Mapping: { Type: 'AWS::ApiGateway::BasePathMapping', Properties: mapping } }),
    );
    await expect(add({ api: 'orders=order-service' })).rejects.toThrow('https://api.example.com/orders leads to it');
  });

  test('stops the push, also where the override is newer than the last build', async () => {
    await add({ api: 'orders=order-service' });
    await prePush();
    project.build('orders', { Resources: { orders: { Type: 'AWS::ApiGateway::RestApi' } } });
    writeOverride();
    project.overrides.set('orders', off('orders'));
    await expect(prePush()).rejects.toThrow(advice);
  });

  test('stops no push of what registers nothing by it, or of what was edited by hand', async () => {
    writeOverride();
    project.overrides.set('orders', off('orders'));
    await prePush();
    await add({ api: 'blog=blog' });
    await prePush();
    writeFileSync(templateFile(), readTemplateText().replace('"blog"', '"other"'));
    await prePush();
    expect(project.printed.filter((line) => /^(warning|error)/.test(line))).toEqual([]);
  });

  test('may have a broken template: the push itself reports that', async () => {
    project.build('orders', {});
    await add({ api: 'orders=order-service' });
    writeFileSync(
      join(project.folder, 'amplify/backend/api/orders/build/orders-cloudformation-template.json'),
      '{"Resources":',
    );
    await prePush();
  });
});

describe('the first push of a day', () => {
  const parametersFile = () => join(categoryFolder(), 'parameters.json');
  const readParameters = () => readFileSync(parametersFile(), 'utf8');
  const renew = (time: string) => renewRegistrations(project.context('push'), new Date(time));

  test('finds a change in the folder of the category, which makes the CLI deploy it; the others find none', async () => {
    await add({ api: 'orders=order-service' });
    renew('2026-11-26T09:00:00Z');
    expect(JSON.parse(readParameters())).toEqual({ renewedOn: '2026-11-26' });
    expect(project.printed.at(-1)).toContain('custom/discovery anew');
    const printed = project.printed.length;
    renew('2026-11-26T18:00:00Z');
    expect(JSON.parse(readParameters())).toEqual({ renewedOn: '2026-11-26' });
    expect(project.printed).toHaveLength(printed);
    renew('2026-11-27T09:00:00Z');
    expect(JSON.parse(readParameters())).toEqual({ renewedOn: '2026-11-27' });
  });

  test('is what the event before a push is for', async () => {
    await add({ api: 'orders=order-service' });
    const before = readTemplateText();
    await handleAmplifyEvent(project.context('push'), { event: 'PrePush' });
    expect(JSON.parse(readParameters())).toEqual({ renewedOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
    expect(readTemplateText()).toBe(before);
    await add({ api: 'orders=order-service' });
    expect(project.printed.at(-1)).toContain('nothing to do');
  });

  test("keeps the team's own values", async () => {
    await add({ api: 'orders=order-service' });
    writeFileSync(parametersFile(), '{"registryUrl":"https://x","renewedOn":"2026-11-01"}');
    renew('2026-11-26T09:00:00Z');
    expect(JSON.parse(readParameters())).toEqual({ registryUrl: 'https://x', renewedOn: '2026-11-26' });
  });

  test.each(['{"registryUrl":', '[]', 'null'])('leaves %s to the push, which reports it', async (text) => {
    await add({ api: 'orders=order-service' });
    writeFileSync(parametersFile(), text);
    renew('2026-11-26T09:00:00Z');
    expect(readParameters()).toBe(text);
  });

  test('changes nothing where no registration is to be renewed, or where the template was edited by hand', async () => {
    renew('2026-11-26T09:00:00Z');
    await add({ api: 'orders=order-service', renew: 'false' });
    renew('2026-11-26T09:00:00Z');
    await add({ api: 'blog=blog' });
    writeFileSync(templateFile(), readTemplateText().replace('"blog"', '"other"'));
    renew('2026-11-26T09:00:00Z');
    expect(readParameters()).toBe('{}\n');
  });

  test('renews a project in which one registration of several is to be renewed', async () => {
    await add({ api: 'orders=order-service', renew: 'false' });
    await add({ api: 'blog=blog' });
    renew('2026-11-26T09:00:00Z');
    expect(JSON.parse(readParameters())).toEqual({ renewedOn: '2026-11-26' });
    const { Resources } = JSON.parse(readTemplateText()) as { Resources: Record<string, { Properties: object }> };
    expect(
      Object.values(Resources)
        .map(({ Properties }) => 'RenewedOn' in Properties)
        .sort(),
    ).toEqual([false, true]);
  });
});

test('a command with the name of an object member shows the help', async () => {
  await executeAmplifyCommand(project.context('constructor'));
  expect(project.printed.join()).toContain('amplify discovery add');
});

describe('after a push', () => {
  test('the exports file says where the registry is', async () => {
    await add({ api: 'orders=order-service', registry: 'team', 'registry-auth': 'iam' });
    pretendPush();
    await handleAmplifyEvent(project.context('push'), { event: 'PostPush' });
    expect(JSON.parse(readFileSync(exportsFile(), 'utf8'))).toEqual({
      custom: {
        discovery: { registry: { url: pushed.RegistryUrl, region: 'eu-west-1', auth: { mode: 'iam' } }, stage: 'dev' },
      },
    });
  });

  test('the exports file says where snapshots are, and which keys sign them, for as long as they are asked for', async () => {
    await add({ api: 'orders=order-service', snapshot: true });
    const key = { kid: 'k1', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
    const url = 'https://abc.cloudfront.net/{stage}.public.json';
    pretendPush({ SnapshotUrl: url, SnapshotKeys: JSON.stringify([key]) });
    await handleAmplifyEvent(project.context('push'), { event: 'PostPush' });
    expect(JSON.parse(readFileSync(exportsFile(), 'utf8'))).toMatchObject({
      custom: { discovery: { snapshot: { url, trustedKeys: [key] } } },
    });
    runStatus(project.context('status'));
    expect(project.printed).toContain(`info: Snapshot      ${url} (as the registry publishes it)`);

    await add({ snapshot: 'false' });
    // The CLI keeps the outputs of the pushes before.
    await handleAmplifyEvent(project.context('push'), { event: 'PostPush' });
    expect(readFileSync(exportsFile(), 'utf8')).not.toMatch(/snapshot/);
  });

  test('a fault warns and never fails the push', async () => {
    await add({ api: 'orders=order-service' });
    writeFileSync(templateFile(), readTemplateText().replace('order-service', 'other'));
    await handleAmplifyEvent(project.context('push'), { event: 'PostPush' });
    expect(project.printed.at(-1)).toMatch(/^warning: The exports file was not written/);
  });

  test('a project that registers nothing gets no file', async () => {
    await handleAmplifyEvent(project.context('push'), { event: 'PostPush' });
    expect(existsSync(exportsFile())).toBe(false);
    expect(project.printed).toEqual([]);
  });
});
