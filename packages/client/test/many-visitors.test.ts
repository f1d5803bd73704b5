import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { publishStage } from '@amplify-discovery/publisher';
import { createS3ObjectStore } from '@amplify-discovery/publisher/store';
import { registrySource } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { createLocalKey, createLocalSigner } from '@amplify-discovery/snapshots/seal';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import { startTinyS3, type TinyS3 } from '@amplify-discovery/test-rig/tiny-s3';
import { discover, type DiscoveryOptions } from '../src/index.ts';
import { startCdnModel, type CdnModel } from './start-cdn-model.ts';
import { memoryStorage, startEnvironment, type Environment } from './start-environment.ts';

/** A million takes minutes. */
const visitors = scaleRuns(500);
/** As long as they take to come, by the clock of the simulation. */
const seconds = 600;
const ticksPerSecond = 10;

const stage = 'Production';
const services = Array.from({ length: 12 }, (_, index) => `service-${index}`);
const shown = services.filter((_, index) => index % 8 !== 0);
const targetOf = (service: string, home = 'home') => `https://${service}.${home}.example.com`;
const moving = services[7] as string;

const real = { fetch: globalThis.fetch, now: Date.now };
let restoreCrypto: () => void;
let environment: Environment;
let s3: TinyS3;
let cdn: CdnModel;
let publish: () => Promise<unknown>;
let settings: Partial<DiscoveryOptions>;
let time: number;
let isThrottled: boolean;
/** Requests that reached the registry, by the second of the simulation in which they did. */
let registryRequests: number[];

/** A registry, its publisher, a bucket and a CDN before it, with the client's and the publisher's own code. */
beforeAll(async () => {
  [environment, s3] = await Promise.all([startEnvironment(), startTinyS3(true)]);
  // Some are not public, so the published snapshot is a part of what the registry has.
  await Promise.all(
    services.map((service) => environment.register(service, targetOf(service), { public: shown.includes(service) })),
  );
  const key = await createLocalKey('2026');
  const source = registrySource({ transport: sigv4Transport(environment.registry) });
  const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
  const store = createS3ObjectStore({ bucket: 'snapshots', region: 'eu-west-1', endpoint: s3.url, credentials });
  publish = () => publishStage(stage, { source, store, signer: createLocalSigner(key) });
  const { d: _, ...trustedKey } = key;
  const { url, region, apiKey } = environment.registry;
  settings = {
    snapshot: { url: 'https://cdn.example.com/{stage}.public.json', trustedKeys: [trustedKey] },
    registry: { url, region, auth: { mode: 'apiKey', apiKey } },
    stage,
    trustedHosts: ['*.example.com'],
    // Each browser is one of its own.
    tabs: {},
  };
});
afterAll(() => Promise.all([environment.stop(), s3.stop()]));

beforeEach(async () => {
  await environment.register(moving, targetOf(moving));
  await publish();
  time = real.now();
  registryRequests = [];
  const start = time;
  cdn = startCdnModel({ origin: `${s3.url}/snapshots`, fetch: real.fetch, now: () => time });
  Date.now = () => time;
  globalThis.fetch = async (input, init) => {
    const url = new URL(input as string);
    if (url.hostname === 'cdn.example.com') return cdn.answer(url.pathname, new Headers(init?.headers));
    // The bucket, to which the publisher writes.
    if (!url.pathname.endsWith('/graphql')) return real.fetch(input, init);
    const second = Math.floor((time - start) / 1000);
    registryRequests[second] = (registryRequests[second] ?? 0) + 1;
    return isThrottled ? new Response('{}', { status: 429 }) : real.fetch(input, init);
  };
  restoreCrypto = verifyOnce();
  Object.assign(globalThis, { window: globalThis, location: { href: 'https://app.example.com/' } });
});
afterEach(() => {
  globalThis.fetch = real.fetch;
  Date.now = real.now;
  restoreCrypto();
  for (const name of ['window', 'location']) Reflect.deleteProperty(globalThis, name);
});

/** Visitors who have never been here open the app, evenly over the time, and find all public services by name. */
async function open(count: number, halfway: () => Promise<unknown>) {
  const start = time;
  const movedAt = start + (seconds / 2) * 1000;
  const found = { opened: 0, errors: 0, incomplete: 0, outdated: 0 };

  async function visit(): Promise<void> {
    try {
      const { API } = await discover({}, { ...settings, storage: memoryStorage() });
      const REST = API?.REST ?? {};
      if (shown.some((service) => !REST[service]) || Object.keys(REST).length !== shown.length) found.incomplete++;
      // What a CDN may keep for 30 seconds, its visitors may miss for as long.
      if (time > movedAt + 30_000 && REST[moving]?.endpoint !== targetOf(moving, 'elsewhere')) found.outdated++;
      found.opened++;
    } catch {
      found.errors++;
    }
  }

  const ticks = seconds * ticksPerSecond;
  for (let tick = 0; tick < ticks; tick++) {
    time = start + (tick * 1000) / ticksPerSecond;
    if (tick === ticks / 2) await halfway();
    const coming = Math.floor(((tick + 1) * count) / ticks) - Math.floor((tick * count) / ticks);
    await Promise.all(Array.from({ length: coming }, visit));
  }
  return found;
}

const move = async () => {
  await environment.register(moving, targetOf(moving, 'elsewhere'));
  await publish();
};

test.each([
  ['healthy', false],
  ['throttled to nothing', true],
])(
  `${visitors} new browsers in ten minutes, while the registry is %s: no error, and it is not asked`,
  async (_, throttled) => {
    isThrottled = throttled;
    // The publisher is no visitor, and what it asks is not counted.
    const found = await open(visitors, async () => {
      const { fetch } = globalThis;
      globalThis.fetch = real.fetch;
      await move();
      globalThis.fetch = fetch;
    });
    const busiestSecond = Math.max(0, ...registryRequests.filter(Boolean));
    const { requests, originRequests } = cdn;
    process.stdout.write(
      `registry ${throttled ? 'throttled' : 'healthy'}: ${JSON.stringify({ ...found, cdnRequests: requests, originRequests, registryRequestsInTheBusiestSecond: busiestSecond })}\n`,
    );
    expect(found).toEqual({ opened: visitors, errors: 0, incomplete: 0, outdated: 0 });
    expect(requests).toBe(visitors);
    expect(busiestSecond).toBe(0);
  },
  // A million on a busy machine.
  3 * 60 * 60 * 1000,
);

/**
 * Every browser verifies the signature with a processor of its own; here one processor would do nothing else. So of identical
 * bytes the platform verifies the first and remembers what it found. The client's own code runs each time.
 */
function verifyOnce(): () => void {
  const { subtle } = crypto;
  const keys = new Map<string, Promise<CryptoKey>>();
  const verified: { readonly key: CryptoKey; readonly signed: Buffer; readonly result: Promise<boolean> }[] = [];
  const { importKey, verify } = subtle;
  const remember = {
    importKey: (...given: Parameters<typeof importKey>) => {
      // Other formats are those of secrets.
      if (given[0] !== ('jwk' as string)) return importKey.apply(subtle, given);
      const name = JSON.stringify(given);
      const key = keys.get(name) ?? importKey.apply(subtle, given);
      keys.set(name, key);
      return key;
    },
    verify: (algorithm: never, key: CryptoKey, signature: Uint8Array, data: Uint8Array) => {
      const signed = Buffer.concat([signature, data]);
      const known = verified.find((other) => other.key === key && other.signed.equals(signed));
      if (known) return known.result;
      const result = verify.call(subtle, algorithm, key, signature as never, data as never);
      verified.push({ key, signed, result });
      return result;
    },
  };
  Object.assign(subtle, remember);
  return () => {
    for (const name of Object.keys(remember)) Reflect.deleteProperty(subtle, name);
  };
}
