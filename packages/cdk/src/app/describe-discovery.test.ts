import { describe, expect, test } from '@jest/globals';
import { resolveIntrinsics } from '@amplify-discovery/test-rig/cloudformation';
import { CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { describeDiscovery, ServiceRegistry, SnapshotPublisher, type SnapshotConfig } from '../index.ts';

makeBundles('registrar', 'publisher');

const imported = {
  url: 'https://x.appsync-api.eu-west-1.amazonaws.com/graphql',
  serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
};
const key = { kid: '2026', kty: 'EC', crv: 'P-256', x: 'x-_', y: 'y' } as const;
const url = 'https://cdn.example.com/{stage}.public.json';

/** The SSM names that the stack looks up, by the parameters that read them. */
function listLookups(stack: Stack): [string, string][] {
  const { Parameters = {} } = Template.fromStack(stack).toJSON() as {
    Parameters?: Record<string, { Default?: string }>;
  };
  return Object.entries(Parameters).map(([id, { Default = '' }]) => [id, Default]);
}

/** What a deployment makes of the text, where these keys are looked up. */
function deploy(stack: Stack, text: string, keys: string): { snapshot: unknown } {
  const stored: Readonly<Record<string, string>> = { 'snapshot-keys': keys, 'snapshot-url': url, url: imported.url };
  const found = listLookups(stack).map(([id, name]) => [id, stored[name.replace('/amplify-discovery/default/', '')]]);
  const values = { ...(Object.fromEntries(found) as object), 'AWS::Region': 'eu-west-1' };
  return JSON.parse(String(resolveIntrinsics(stack.resolve(text), values))) as { snapshot: unknown };
}

describe('the snapshots in what apps read', () => {
  test('are the registry\u2019s own, and stand before it', () => {
    const registry = new ServiceRegistry(new Stack(makeApp(), 'Stack'), 'Registry');
    const discovery = describeDiscovery({ registry, stage: 'dev' });
    expect(discovery.snapshot).toEqual({
      url: registry.publisher?.publicUrl,
      trustedKeys: registry.publisher?.trustedKeys,
    });
    expect(Object.keys(discovery)).toEqual(['snapshot', 'registry', 'stage']);
  });

  test('are those of another publisher, with the keys that sign them', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false });
    const publisher = new SnapshotPublisher(stack, 'Snapshots', { registry, distribution: true });
    const { snapshot } = describeDiscovery({ registry, stage: 'dev', publisher });
    expect(snapshot).toEqual({ url: publisher.publicUrl, trustedKeys: publisher.trustedKeys });
    expect(publisher.trustedKeys).toHaveLength(1);
    expect(describeDiscovery({ registry, stage: 'dev', publisher, snapshot: false })).not.toHaveProperty('snapshot');
    expect(describeDiscovery({ registry, stage: 'dev' })).not.toHaveProperty('snapshot');
  });

  test('have no key where nothing is signed, and are refused without a distribution', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog: false });
    const unsigned = new SnapshotPublisher(stack, 'Unsigned', { registry, distribution: true, signed: false });
    expect(describeDiscovery({ registry, stage: 'dev', publisher: unsigned }).snapshot).toEqual({
      url: unsigned.publicUrl,
    });
    const publisher = new SnapshotPublisher(stack, 'Private', { registry });
    expect(() => describeDiscovery({ registry, stage: 'dev', publisher })).toThrow(
      '[Stack/Private] publisher: it needs a distribution',
    );
  });

  test('are what a registry was joined with, keys as a list or as text', () => {
    const stack = new Stack(makeApp(), 'Stack');
    const join = (id: string, snapshot: SnapshotConfig) =>
      describeDiscovery({
        registry: ServiceRegistry.fromServiceRegistryAttributes(stack, id, { ...imported, snapshot }),
        stage: 'dev',
      });
    expect(join('List', { url, trustedKeys: [key] }).snapshot).toEqual({ url, trustedKeys: [key] });
    expect(join('Text', { url, trustedKeys: JSON.stringify([key]) }).snapshot).toEqual({ url, trustedKeys: [key] });
    expect(join('Unsigned', { url }).snapshot).toEqual({ url });
    expect(() => join('Plain', { url: 'http://cdn.example.com/{stage}' })).toThrow('[Stack/Plain] snapshot.url');
    for (const trustedKeys of [[], '[]', '[{', '{}'])
      expect(() => join(`Keys-${String(trustedKeys)}`, { url, trustedKeys })).toThrow(
        'snapshot.trustedKeys: is not a list',
      );
  });
});

describe('keys that only the deployment looks up', () => {
  const keys = JSON.stringify([key, { ...key, kid: '2027' }]);
  const start = (snapshot: boolean | 'unsigned') => {
    const stack = new Stack(makeApp(), 'Stack');
    const registry = ServiceRegistry.fromLookup(stack, 'Registry', { name: 'default', snapshot });
    new CfnResource(stack, 'Something', { type: 'AWS::SNS::Topic' });
    const discovery = describeDiscovery({ registry, stage: 'dev' });
    new CfnOutput(stack, 'Discovery', { value: stack.toJsonString(discovery) });
    return { stack, discovery };
  };

  test.each([
    ['CDK', (stack: Stack, value: unknown) => stack.toJsonString(value)],
    ['Amplify Gen 2', (_: Stack, value: unknown) => JSON.stringify(value)],
  ])('are a list in the JSON that %s makes', (_, toJson) => {
    const { stack, discovery } = start(true);
    const deployed = deploy(stack, toJson(stack, discovery), keys);
    expect(deployed.snapshot).toEqual({ url, trustedKeys: JSON.parse(keys) });
  });

  test('are not looked up unless they are asked for, as a registry without a publisher has none', () => {
    const { stack, discovery } = start('unsigned');
    expect(deploy(stack, stack.toJsonString(discovery), keys).snapshot).toEqual({ url });
    expect(JSON.stringify(listLookups(stack))).not.toContain('snapshot-keys');
    const none = start(false);
    expect(none.discovery).not.toHaveProperty('snapshot');
    expect(JSON.stringify(listLookups(none.stack))).not.toContain('snapshot');
  });
});
