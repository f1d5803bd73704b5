import { expect, test } from '@jest/globals';
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { DiscoveryError } from '@amplify-discovery/core';
import { createDiscovery } from './index.ts';
import { inspectEndpoints } from './inspect-endpoints.ts';

const source = {
  name: 'registry',
  load: async ({ stage }: { stage: string }) => ({
    revision: 'r1',
    endpoints:
      stage === 'empty'
        ? []
        : [
            { service: 'users', kind: 'http', target: 'https://users.example.com', version: '1.4.2' },
            { service: 'orders', kind: 'http', target: 'https://orders.evil.test' },
          ],
  }),
};

test('a stage that was never loaded shows why the last refresh failed', () => {
  const error = new DiscoveryError('RegistryDenied', 'Snapshot of "dev" from registry: not authorized');
  expect(inspectEndpoints([{ stage: 'dev' }, { stage: 'prod' }], new Map([['dev', error]]))).toEqual([
    { stage: 'dev', problem: 'RegistryDenied: Snapshot of "dev" from registry: not authorized' },
    { stage: 'prod' },
  ]);
});

test('inspect() is a table of endpoints, with those that are not used and the reason', async () => {
  const discovery = createDiscovery({ source, stage: ['Production', 'empty'], trustedHosts: ['*.example.com'] });
  expect(discovery.inspect()).toEqual([{ stage: 'Production' }, { stage: 'empty' }]);
  await discovery.refresh();
  const known = { freshness: 'fresh', ageSeconds: expect.any(Number), origin: 'registry', revision: 'r1' };
  expect(discovery.inspect()).toEqual([
    { stage: 'Production', service: 'users', target: 'https://users.example.com', version: '1.4.2', ...known },
    { stage: 'Production', service: 'orders', rejected: expect.stringContaining('orders.evil.test'), ...known },
    { stage: 'empty', ...known },
  ]);

  const stdout = new PassThrough();
  new Console({ stdout }).table(discovery.inspect());
  expect(String(stdout.read())).toContain('https://users.example.com');
});
