import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { createEnvoyFacade, createFacadeView } from '../../src/index.ts';
import { hostileRecords, trustedHosts } from '../hostile-records.ts';
import { askJudge } from './ask-judge.ts';

const stage = 'dev';
const lookup = async (hostname: string) =>
  hostname === 'localhost' ? ['127.0.0.1', '::1'] : ['192.0.2.1', '192.0.2.2'];

/** What the facade answers for the records, by each of its three ways. */
async function askAll(records: readonly { readonly service: string }[]): Promise<readonly string[]> {
  const source = memorySource();
  for (const record of records) source.register({ stage, ...record });
  const facade = createEnvoyFacade(createFacadeView({ source, stages: [stage], trustedHosts }), { lookup });
  const ask = async (type: string, resource_names: readonly string[]) => {
    const body = JSON.stringify({ node: { id: 'gateway', metadata: { stage } }, resource_names });
    const response = await facade(new Request(`http://127.0.0.1/v3/discovery:${type}`, { method: 'POST', body }));
    expect(response.status).toBe(200);
    return response.text();
  };
  return [
    await ask('clusters', []),
    await ask('endpoints', ['*']),
    await ask('endpoints', ['gone']),
    await ask('routes', ['all']),
  ];
}

test('Envoy’s own definitions take every answer, without a field that they don’t have', async () => {
  const answers = await askAll([
    { service: 'users', target: 'https://a.example.com/prod', weight: 90, region: 'eu-west-1' },
    { service: 'users', id: 'b', target: 'https://b.example.com:8443/prod', weight: 10 },
    { service: 'users', id: 'c', target: 'https://c.example.com/prod', priority: 7 },
    { service: 'local', target: 'http://127.0.0.1:3000' },
    { service: 'six', target: 'https://[::1]:8443' },
    { service: 'chat', kind: 'websocket', target: 'wss://chat.example.com/live' },
  ] as never);
  expect(answers.map((answer) => (JSON.parse(answer) as { resources: unknown[] }).resources.length)).toEqual([
    4, 4, 1, 1,
  ]);
  expect(await askJudge('envoy-judge', answers)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('the README’s bootstrap is one', async () => {
  const readme = readFileSync('packages/bridges/README.md', 'utf8');
  const [, yaml = ''] = /^```yaml\n(node: [^]*?)^```$/m.exec(readme) ?? [];
  const bootstrap = { '@type': 'type.googleapis.com/envoy.config.bootstrap.v3.Bootstrap', ...(parse(yaml) as object) };
  expect(await askJudge('envoy-judge', [JSON.stringify(bootstrap)])).toEqual(['ok']);
});

test('the judge does refuse what the definitions refuse', async () => {
  const cluster = (fields: object) =>
    JSON.stringify({
      version_info: '1',
      type_url: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
      resources: [{ '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster', ...fields }],
    });
  const endpoints = [{ priority: 129, lb_endpoints: [] }];
  expect(
    await askJudge('envoy-judge', [
      cluster({ name: 'users' }),
      cluster({ name: '' }),
      cluster({ name: 'users', sni: 'a.example.com' }),
      cluster({ name: 'users', load_assignment: { cluster_name: 'users', endpoints } }),
      cluster({ name: 'users', connect_timeout: 'soon' }),
    ]),
  ).toEqual([
    'ok',
    expect.stringContaining('Cluster.Name'),
    expect.stringContaining('unknown field "sni"'),
    expect.stringContaining('Priority'),
    expect.stringContaining('soon'),
  ]);
});

test('whatever stands in a snapshot, Envoy’s definitions take the answer', async () => {
  const lines: string[] = [];
  await fc.assert(
    fc.asyncProperty(hostileRecords, async (records) => {
      lines.push(...(await askAll(records)));
    }),
    { numRuns: scaleRuns(100) },
  );
  const verdicts = await askJudge('envoy-judge', lines);
  expect(lines.filter((_, index) => verdicts[index] !== 'ok').map((line, index) => [line, verdicts[index]])).toEqual(
    [],
  );
  expect(verdicts.length).toBe(lines.length);
});
