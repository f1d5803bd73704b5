import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { memorySource } from '@amplify-discovery/test-rig';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { createSnapshotSource } from '@amplify-discovery/snapshots';
import { createLocalKey, createLocalSigner, type LocalKey } from '@amplify-discovery/snapshots/seal';
import { publishStage } from '../src/publish/publish-stage.ts';
import { createS3ObjectStore } from '../src/store/create-s3-object-store.ts';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';

jest.setTimeout(30_000);

/** What the page does: a source of its own, on the site's own origin, as a relative URL. */
interface PageWindow {
  readonly discovery: { readonly createSnapshotSource: typeof createSnapshotSource };
}

let s3: TinyS3;
let browser: Browser;
let page: Page;
let key: LocalKey;
let script: string;
const registry = memorySource('registry');

beforeAll(async () => {
  s3 = await startTinyS3(true);
  key = await createLocalKey('2026');
  const options = ['--bundle', '--format=iife', '--global-name=discovery', '--conditions=@amplify-discovery/source'];
  const entry = 'packages/snapshots/src/index.ts';
  script = execFileSync('node_modules/.bin/esbuild', [entry, ...options], { encoding: 'utf8' });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH as string, args: ['--no-sandbox'] });
  page = await browser.newPage();
});
afterAll(async () => {
  await browser.close();
  await s3.stop();
});

const publish = (signer: LocalKey | undefined) =>
  publishStage('dev', {
    source: registry,
    store: createS3ObjectStore({
      bucket: 'site',
      region: 'eu-west-1',
      endpoint: s3.url,
      credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
    }),
    signer: signer && createLocalSigner(signer),
  });

/** Loads the snapshot in a page that was just opened. */
async function loadInPage(): Promise<unknown> {
  await page.goto(`${s3.url}/`);
  await page.addScriptTag({ content: script });
  const { d: _, ...trusted } = key;
  return page.evaluate(async (trustedKey) => {
    const { createSnapshotSource } = (globalThis as unknown as PageWindow).discovery;
    const source = createSnapshotSource({ url: '/site/{stage}.json', trustedKeys: [trustedKey] });
    const { signal } = new AbortController();
    try {
      return await source.load({ stage: 'dev', signal });
    } catch (error) {
      return (error as { code?: string }).code;
    }
  }, trusted);
}

test('a browser verifies a snapshot of its own site, and asks with If-None-Match after a reload', async () => {
  registry.register({ stage: 'dev', service: 'users', target: 'https://users.example.com' });
  await publish(key);
  const reads = () => s3.requests.filter((line) => line.startsWith('GET /site/dev.json')).slice(-1);
  await expect(loadInPage()).resolves.toMatchObject({ endpoints: [{ service: 'users' }] });
  expect(reads()).toEqual(['GET /site/dev.json 200']);
  await expect(loadInPage()).resolves.toMatchObject({ endpoints: [{ service: 'users' }] });
  expect(reads()).toEqual(['GET /site/dev.json 304']);
});

test('a browser refuses one that a stranger signed, and one that is not signed', async () => {
  for (const signer of [await createLocalKey('2026'), undefined]) {
    registry.register({ stage: 'dev', service: 'users', target: `https://${signer ? 'evil' : 'worse'}.example.com` });
    await publish(signer);
    await expect(loadInPage()).resolves.toBe('SignatureInvalid');
  }
});
