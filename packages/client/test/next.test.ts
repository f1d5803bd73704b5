import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import loadOutputs, { type LoaderOptions } from '../src/next-loader.ts';
import { withDiscovery } from '../src/next.ts';

const registry = (url: string) => ({ url, region: 'us-east-1', auth: { mode: 'apiKey', apiKey: 'da2' } });
const outputs = (url: string) =>
  JSON.stringify({
    auth: { user_pool_id: 'eu-west-1_abc' },
    custom: { other: 1, discovery: { registry: registry(url) } },
  });
const deployed = outputs('https://registry.example.com/graphql');
const local = { registry: registry('http://127.0.0.1:4440/graphql'), stage: 'local' };

let rootContext: string;
beforeEach(async () => {
  rootContext = await mkdtemp(join(tmpdir(), 'discovery-next-'));
});
afterEach(() => rm(rootContext, { recursive: true }));

/** What the loader gives, and the files whose change runs it again. */
async function load(text: string, options: Partial<LoaderOptions> = {}) {
  const watched: string[] = [];
  const addDependency = (file: string) => void watched.push(file);
  const getOptions = () => ({
    settings: '.local/discovery.json',
    outputs: 'amplify_outputs.json',
    isDevelopment: true,
    ...options,
  });
  const scope = { rootContext, getOptions, addDependency, addMissingDependency: addDependency };
  return { text: await loadOutputs.call(scope, text), watched };
}

test('a development server gets the registry of discovery dev while that runs, and looks when it starts or ends', async () => {
  const file = join(rootContext, '.local/discovery.json');
  expect(await load(deployed)).toEqual({ text: deployed, watched: [file] });
  await mkdir(join(rootContext, '.local'));
  await writeFile(file, JSON.stringify(local));
  const { text, watched } = await load(deployed);
  expect(JSON.parse(text)).toEqual({ auth: { user_pool_id: 'eu-west-1_abc' }, custom: { other: 1, discovery: local } });
  expect(watched).toEqual([file]);
});

test.each(['http://localhost:4440/graphql', 'http://127.0.0.1:4440/graphql', 'https://[::1]:4440/graphql'])(
  'a production build refuses outputs that name %s',
  async (url) => {
    await expect(load(outputs(url), { isDevelopment: false })).rejects.toMatchObject({
      code: 'InvalidOptions',
      message: expect.stringContaining(`amplify_outputs.json names the registry ${url}`),
    });
  },
);

test.each([deployed, '{}', '{ "custom": null }'])('a production build leaves %s as it is', async (text) => {
  await mkdir(join(rootContext, '.local'));
  await writeFile(join(rootContext, '.local/discovery.json'), JSON.stringify(local));
  expect(await load(text, { isDevelopment: false })).toEqual({ text, watched: [] });
});

test('whatever form the configuration has, its own rules stay', async () => {
  const own = {
    reactStrictMode: true,
    turbopack: { root: '/app', rules: { '*.svg': { loaders: ['svg'] } } },
    webpack: (config: { module: { rules: object[] } }) => ({ ...config, seen: true }),
  };
  for (const given of [own, () => own, async () => own]) {
    const config = await withDiscovery(given)('phase-development-server', {});
    expect(config).toMatchObject({
      reactStrictMode: true,
      turbopack: {
        root: '/app',
        rules: {
          '*.svg': { loaders: ['svg'] },
          'amplify_outputs.json': {
            loaders: [{ loader: 'amplify-discovery/next-loader', options: { isDevelopment: true } }],
          },
        },
      },
    });
    const bundler = config.webpack({ module: { rules: [{ test: /\.js$/ }] } });
    expect(bundler).toMatchObject({ seen: true, module: { rules: [{ test: /\.js$/ }, {}] } });
    const { test: isOutputs } = bundler.module.rules[1] as { test: (path: string) => boolean };
    expect(['/app/amplify_outputs.json', 'C:\\app\\amplify_outputs.json', '/app/other.json'].map(isOutputs)).toEqual([
      true,
      true,
      false,
    ]);
  }
});

test.each(['phase-production-build', 'phase-production-server', 'phase-export'])(
  'in %s it is not development',
  async (phase) => {
    const config = await withDiscovery({ turbopack: { rules: {} } })(phase, {});
    expect(config.turbopack.rules).toMatchObject({
      'amplify_outputs.json': { loaders: [{ options: { isDevelopment: false } }] },
    });
  },
);
