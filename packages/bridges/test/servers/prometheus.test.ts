import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { createFetchListener, startLocalServer } from '@amplify-discovery/local';
import { memorySource } from '@amplify-discovery/test-rig';
import { parse, stringify } from 'yaml';
import { createFacadeView, createPrometheusFacade, requireToken } from '../../src/index.ts';
import { findFreePort, startProgram } from './start-program.ts';

const stage = 'dev';
const token = 'token-of-the-tests';
const running: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

interface ActiveTarget {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** With the README's configuration, but faster. */
async function startPrometheus(facadeUrl: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  running.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'prometheus.yml');
  const [, yaml = ''] =
    /^```yaml\n(scrape_configs:[^]*?)^```$/m.exec(readFileSync('packages/bridges/README.md', 'utf8')) ?? [];
  const { scrape_configs } = parse(yaml) as { readonly scrape_configs: readonly [object] };
  const sd = { url: `${facadeUrl}/prometheus`, refresh_interval: '1s', authorization: { credentials: token } };
  const config = { scrape_configs: [{ ...scrape_configs[0], scrape_interval: '1s', http_sd_configs: [sd] }] };
  writeFileSync(file, stringify(config));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startProgram({
    command: 'prometheus',
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    isReady: async () => (await fetch(`${url}/-/ready`)).ok,
  });
  running.push(program.kill);
  return url;
}

/** Asks until the targets are as they should be. */
async function waitForTargets(
  url: string,
  isReached: (targets: readonly ActiveTarget[]) => boolean,
): Promise<readonly ActiveTarget[]> {
  for (;;) {
    const answer = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as {
      readonly data: { readonly activeTargets: readonly ActiveTarget[] };
    };
    if (isReached(answer.data.activeTargets)) return answer.data.activeTargets;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('Prometheus discovers the endpoints, scrapes one for real, and follows a change', async () => {
  const backend = await startLocalServer({
    handlers: { '/prod/metrics': (_request, response) => void response.end('orders_total 7\n') },
  });
  running.push(backend.stop);
  const source = memorySource();
  const register = (service: string, target: string, more: object = {}) =>
    source.register({ stage, service, target, ...more });
  register('orders', `${backend.url}/prod`, { version: '1.2.0' });
  register('users', 'https://users.example.com');
  const view = createFacadeView({
    source,
    stages: [stage],
    trustedHosts: ['*.example.com', '127.0.0.1:*'],
    freshSeconds: 0,
  });
  const listener = createFetchListener(requireToken(createPrometheusFacade(view), token));
  const facade = await startLocalServer({ handlers: { '/prometheus': listener } });
  running.push(facade.stop);

  const url = await startPrometheus(facade.url);
  const targets = await waitForTargets(url, (all) => all.some(({ health }) => health === 'up') && all.length === 2);
  const byService = new Map(targets.map((target) => [target.labels['service'], target]));
  expect(byService.get('orders')).toMatchObject({
    scrapeUrl: `${backend.url}/prod/metrics`,
    health: 'up',
    labels: { version: '1.2.0' },
  });
  expect(byService.get('users')?.scrapeUrl).toBe('https://users.example.com:443/metrics');

  source.deregister(stage, 'users');
  await waitForTargets(url, (all) => all.length === 1);
  const sample = (await (await fetch(`${url}/api/v1/query?query=orders_total`)).json()) as {
    readonly data: { readonly result: readonly { readonly value: readonly unknown[] }[] };
  };
  expect(sample.data.result[0]?.value[1]).toBe('7');
});
