import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { idlePause } from '@amplify-discovery/core';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { watchStages } from '@amplify-discovery/registry/notices';
import { registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { bundleHandler, startLambdaRuntime, type LambdaRuntime } from '@amplify-discovery/test-rig/lambda-runtime';
import * as ws from 'ws';

jest.setTimeout(30_000);

/** Without the half minute in which ws waits for a peer that says nothing any more. */
class WebSocket extends ws.WebSocket {
  override close(): void {
    this.terminate();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'announcer-'));
let registry: LocalRegistry;
let handlerFile: string;
let runtime: LambdaRuntime;
const start = (settings: Record<string, string>) =>
  startLambdaRuntime({
    handlerFile,
    timeoutMs: 20_000,
    env: {
      AWS_REGION: registry.region,
      AWS_ACCESS_KEY_ID: registry.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: registry.credentials.secretAccessKey,
      ...settings,
    },
  });

beforeAll(async () => {
  registry = await startLocalRegistry();
  handlerFile = bundleHandler({ entry: 'packages/publisher/src/announce/main.ts', format: 'cjs', folder });
  runtime = await start({ DISCOVERY_REGISTRY_URL: registry.url });
});
afterAll(async () => {
  await runtime.stop();
  await registry.stop();
  rmSync(folder, { recursive: true });
});

const record = (stage: string) => ({
  eventSource: 'aws:dynamodb',
  dynamodb: { SequenceNumber: '1', Keys: { stage: { S: stage }, key: { S: 'users#default' } } },
});

test('a change in the table becomes a notice for the subscribers of its stage, without a bucket', async () => {
  // Before anybody subscribes, the local registry announces nothing itself.
  for (const stage of ['dev', 'prod']) {
    await registerEndpoint(sigv4Transport(registry), {
      stage,
      service: 'users',
      kind: 'rest',
      target: 'https://users.example.com',
      owner: 'test',
    });
  }
  const ended = new AbortController();
  const changed: string[] = [];
  let wake = () => {};
  watchStages({
    url: registry.url,
    stages: ['dev', 'prod'],
    WebSocket,
    authorize: async () => ({ host: new URL(registry.url).host, 'x-api-key': registry.apiKey }),
    onChange(stage) {
      changed.push(stage);
      wake();
    },
    onState: () => {},
    signal: ended.signal,
    pause: idlePause,
    now: Date.now,
    random: Math.random,
  });
  const wait = async (count: number) => {
    while (changed.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return changed.splice(0).sort();
  };
  try {
    // Each subscription that starts counts as a change.
    expect(await wait(2)).toEqual(['dev', 'prod']);
    await runtime.invoke({ Records: [record('prod'), record('prod'), record('prod#head')] });
    expect(await wait(1)).toEqual(['prod']);
    await runtime.invoke({ Records: [record('prod'), record('dev')] });
    expect(await wait(1)).toEqual(['dev']);
  } finally {
    ended.abort();
  }
});

test('a registry that refuses fails the invocation, so that the batch comes again', async () => {
  const refused = await start({ DISCOVERY_REGISTRY_URL: registry.url, AWS_SECRET_ACCESS_KEY: 'another' });
  try {
    expect(JSON.stringify(await refused.invoke({ Records: [record('dev')] }))).toMatch(/Snapshot of \\"dev\\" from/);
  } finally {
    await refused.stop();
  }
});

test('a setting of the publisher fails the invocation with its name', async () => {
  const misconfigured = await start({ DISCOVERY_REGISTRY_URL: registry.url, DISCOVERY_SNAPSHOT_BUCKET: 'b' });
  try {
    expect(JSON.stringify(await misconfigured.invoke({ Records: [record('dev')] }))).toMatch(
      /DISCOVERY_SNAPSHOT_BUCKET: is not a known setting/,
    );
  } finally {
    await misconfigured.stop();
  }
});
