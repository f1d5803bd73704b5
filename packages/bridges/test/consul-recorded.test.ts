import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { runConsulScenario } from './consul-scenario.ts';
import { replayFetch, type Exchange } from './record-fetch.ts';

/** Recorded by `RECORD_CONSUL=1 npm run test:bridges -- consul`, which otherwise compares it with the real server. */
const file = 'packages/bridges/test/fixtures/consul-1.14.11.json';

test('source and target get on with what Consul answered when it was recorded', async () => {
  const double = replayFetch(JSON.parse(readFileSync(file, 'utf8')) as Exchange[]);
  await runConsulScenario('http://127.0.0.1:8500', double.fetch);
  expect(double.rest()).toBe(0);
});
