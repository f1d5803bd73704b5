import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { deregisterEndpoint, registerEndpoint } from '@amplify-discovery/registry/operations';
import { checks } from '../src/verify/checks.ts';
import { openLab, type Lab } from '../src/verify/lab.ts';
import { listenForNotice } from '../src/verify/listen-for-notice.ts';
import { loadWebSocket } from '../src/terminal/load-web-socket.ts';

/**
 * Checks that no emulator can show, on a registry that really looks at credentials; and that they notice when a registry
 * does not.
 */
let registry: LocalRegistry;
let lab: Lab;
const unused = () => Promise.reject(new Error('not asked here'));

beforeAll(async () => {
  registry = await startLocalRegistry({ publicByDefault: false });
  lab = makeLab(registry.apiKey);
  for (const service of ['verify-users', 'verify-orders']) {
    await registerEndpoint(lab.iam, {
      stage: lab.stage,
      service,
      kind: 'http',
      target: 'https://verify.example.com',
      public: service === 'verify-users',
      owner: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/users/1#Endpoint0',
    });
  }
});
afterAll(() => registry.stop());

function makeLab(apiKey: string, fetch: typeof globalThis.fetch = globalThis.fetch): Lab {
  return openLab({
    name: 'discovery-verify-00000000',
    region: registry.region,
    endpoint: undefined,
    deployed: { url: registry.url, apiKey } as never,
    stacks: { deploy: unused, remove: unused, describe: unused, list: unused },
    buckets: { create: unused, put: unused, empty: unused, remove: unused, exists: unused },
    fetch,
    findWebSocket: () => loadWebSocket({}),
    credentials: async () => registry.credentials,
    now: Date.now,
    sleep: async () => undefined,
    signal: new AbortController().signal,
  });
}

function getCheck(start: string) {
  const [found, ...others] = checks.filter(({ name }) => name.startsWith(start));
  if (found === undefined || others.length > 0) throw new Error(`${others.length} checks begin with ${start}`);
  return found;
}

test('a listener gets a notice, by the API key and the protocol that browsers speak', async () => {
  const { started, received } = await listenForNotice(lab);
  await started;
  const key = { stage: lab.stage, service: 'verify-notice', owner: 'discovery verify' };
  await registerEndpoint(lab.iam, { ...key, kind: 'http', target: 'https://verify.example.com' });
  await received;
  await deregisterEndpoint(lab.iam, key);
});

describe('on a registry that looks at credentials', () => {
  test.each([
    'IAM reads every record',
    'an API key reads what is public',
    'an API key writes nothing',
    'a request without credentials',
    'a reader keeps the contract',
    'a burst of reads',
  ])('%s passes', async (start) => {
    await expect(getCheck(start).run(lab)).resolves.not.toThrow();
  });
});

describe('a registry that lets in too much', () => {
  /** Whatever is sent goes out with the credentials of IAM, as if nobody looked at them. */
  const openFetch: typeof globalThis.fetch = async (input, init) => {
    const { body } = init ?? {};
    const query = JSON.parse(String(body)) as { query: string; variables: Record<string, unknown> };
    const answer = await lab.iam({ ...query, signal: new AbortController().signal });
    return Response.json(answer.body);
  };

  test.each(['an API key writes nothing', 'a request without credentials', 'an API key reads what is public'])(
    'is noticed: %s',
    async (start) => {
      const open = makeLab(registry.apiKey, openFetch);
      await expect(getCheck(start).run(open)).rejects.toThrow(/was not refused|services: /);
    },
  );
});

test('every check has a name of its own, and those that need AWS say why', () => {
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  for (const { needsAws } of checks) if (needsAws !== undefined) expect(needsAws).toMatch(/^the emulator /);
});
