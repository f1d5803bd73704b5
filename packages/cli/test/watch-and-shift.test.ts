import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { loadWebSocket } from '../src/terminal/load-web-socket.ts';
import { createShell } from '../src/terminal/create-shell.ts';
import { createStage } from './create-stage.ts';
import { runCommand } from './test-shell.ts';

let registry: LocalRegistry;
let cwd: string;
let stage: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
});
afterAll(() => registry.stop());
beforeEach(async () => {
  ({ cwd, stage } = await createStage(registry));
});

/** What a proxy that knows no WebSockets makes of one. */
class RefusedSocket {
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  constructor() {
    setImmediate(() => (this.onerror as () => void)());
  }
  send(): void {}
  close(): void {}
}

const run = (...words: string[]) => runCommand(words, { cwd, env: { DISCOVERY_STAGE: stage } });

describe('watch', () => {
  /** Watches while the steps run, one in each pause between two polls; then presses Ctrl-C. */
  async function watch(
    steps: readonly (() => Promise<unknown>)[],
    words: readonly string[] = [],
    fetch = globalThis.fetch,
  ) {
    const interrupt = new AbortController();
    const pending = [...steps];
    const pauses: number[] = [];
    const outcome = await runCommand(['watch', ...words], {
      cwd,
      fetch,
      env: { DISCOVERY_STAGE: stage },
      signal: interrupt.signal,
      now: () => Date.parse('2030-01-01T00:00:00Z'),
      sleep: async (milliseconds) => {
        pauses.push(milliseconds);
        const step = pending.shift();
        if (step) await step();
        else interrupt.abort();
      },
    });
    return { ...outcome, pauses };
  }

  test('prints what was registered, updated and de-registered, and ends with success at Ctrl-C', async () => {
    await run('register', 'users', 'http://localhost:1');
    const { exitCode, stdout, stderr, pauses } = await watch([
      () => run('register', 'orders', 'http://localhost:2'),
      () => run('register', 'users', 'http://localhost:3', '--version', '2.0.0'),
      () => run('deregister', 'orders'),
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(`${stage} has 1 endpoints; polling every 5 s, Ctrl-C ends it.\n`);
    expect(stdout.split('\n')).toEqual([
      '2030-01-01T00:00:00.000Z registered orders/default http://localhost:2',
      '2030-01-01T00:00:00.000Z updated users/default http://localhost:3 (target, version)',
      '2030-01-01T00:00:00.000Z deregistered orders/default http://localhost:2',
      '',
    ]);
    expect(pauses).toEqual([5000, 5000, 5000, 5000]);
  });

  describe('with notices', () => {
    /** Watches with a connection; ends once this was printed. No clock moves, so nothing is found by polling. */
    async function follow(
      words: readonly string[],
      isLast: (stdout: string) => boolean,
      act: (stderr: string) => void,
    ) {
      const interrupt = new AbortController();
      const pauses: number[] = [];
      const written = { stdout: '', stderr: '' };
      const exitCode = await runCommand(['watch', ...words], {
        cwd,
        env: { DISCOVERY_STAGE: stage },
        signal: interrupt.signal,
        stdout: {
          isTty: false,
          write(text) {
            written.stdout += text;
            if (isLast(written.stdout)) interrupt.abort();
          },
        },
        stderr: { isTty: false, write: (text) => act((written.stderr += text)) },
        findWebSocket: () => loadWebSocket({}),
        ...(words.length > 0 && { cwd: '/nonexistent', findCredentials: async () => async () => registry.credentials }),
        sleep: (milliseconds, signal) => {
          pauses.push(milliseconds);
          return new Promise((resolve) => {
            if (signal.aborted) resolve();
            signal.addEventListener('abort', () => resolve());
          });
        },
      }).then((outcome) => outcome.exitCode);
      return { ...written, exitCode, pauses };
    }

    test.each([
      ['by the API key', () => []],
      ['signed', () => ['--registry', registry.url, '--region', registry.region, '--stage', stage]],
    ])('prints a change when it is announced, %s', async (_, makeWords) => {
      let isRegistered = false;
      const { stderr, stdout, exitCode, pauses } = await follow(
        makeWords(),
        (text) => text.includes('registered users/default'),
        (text) => {
          if (isRegistered || !/as they are announced/.test(text) || !/has 0 endpoints/.test(text)) return;
          isRegistered = true;
          void run('register', 'users', 'http://localhost:1');
        },
      );
      expect(exitCode).toBe(0);
      expect(stdout).toContain('registered users/default http://localhost:1');
      expect(stderr).toContain(`${stage} has 0 endpoints; polling every 5 s, Ctrl-C ends it.\n`);
      expect(stderr).toContain('Changes are shown as they are announced.\n');
      expect(pauses).toContain(60_000);
    });

    test.each([
      ['a record expires', ['register', 'users', 'http://localhost:2', '--expires'], 'deregistered users/default'],
      [
        'an override ends',
        ['override', 'users', 'http://localhost:2', '--reason', 'incident', '--yes', '--until'],
        'updated users/default http://localhost:1 (target)',
      ],
    ])('reads again when %s, of which there is no notice', async (_, words, expected) => {
      let nowMs = Date.now();
      const now = () => nowMs;
      const own = await startLocalRegistry({ now });
      const interrupt = new AbortController();
      try {
        const arranged = await createStage(own);
        const shell = { cwd: arranged.cwd, env: { DISCOVERY_STAGE: arranged.stage }, now };
        await runCommand(['register', 'users', 'http://localhost:1'], shell);
        await runCommand([...words, new Date(nowMs + 40_000).toISOString()], shell);
        let printed = '';
        await runCommand(['watch'], {
          ...shell,
          signal: interrupt.signal,
          stdout: {
            isTty: false,
            write(text) {
              printed += text;
              if (printed.includes(expected)) interrupt.abort();
            },
          },
          findWebSocket: () => loadWebSocket({}),
          // Neither between two polls nor for a whole minute, which would find it as well.
          sleep: (milliseconds, signal) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', () => resolve());
              if (signal.aborted || (milliseconds > 5000 && milliseconds < 60_000)) resolve();
              if (milliseconds > 5000 && milliseconds < 60_000) nowMs += milliseconds;
            }),
        });
        expect(printed).toContain(expected);
      } finally {
        await own.stop();
      }
    });

    test('says why there are none, once, and polls', async () => {
      const interrupt = new AbortController();
      const pauses: number[] = [];
      const { stderr } = await runCommand(['watch'], {
        cwd,
        env: { DISCOVERY_STAGE: stage },
        signal: interrupt.signal,
        findWebSocket: async () => RefusedSocket,
        sleep: async (milliseconds) => {
          await new Promise((resolve) => setImmediate(resolve));
          if (pauses.push(milliseconds) === 20) interrupt.abort();
        },
      });
      expect(stderr.match(/No notices.*/g)).toEqual(['No notices (It was closed, or refused): polling every 5 s.']);
      expect(new Set(pauses)).toEqual(new Set([5000]));
    });
  });

  test('prints one line of JSON for each change', async () => {
    const { stdout } = await watch(
      [() => run('register', 'users', 'http://localhost:1')],
      ['--json', '--interval', '1'],
    );
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      expect.objectContaining({
        change: 'registered',
        endpoint: expect.objectContaining({ service: 'users' }),
        revision: expect.any(String),
      }),
    ]);
  });

  test('sends its known revision, so that an unchanged stage is answered without endpoints', async () => {
    await run('register', 'users', 'http://localhost:1');
    const answers: boolean[] = [];
    const { stdout } = await watch([async () => {}, async () => {}], [], async (input, init) => {
      const response = await fetch(input, init);
      const { data } = (await response.clone().json()) as { data: { snapshot: { unchanged: boolean } } };
      answers.push(data.snapshot.unchanged);
      return response;
    });
    expect(stdout).toBe('');
    expect(answers).toEqual([false, true, true]);
  });

  test('continues through an outage and says when it begins and ends', async () => {
    await run('register', 'users', 'http://localhost:1');
    let isDown = false;
    const { stdout, stderr } = await watch(
      [
        async () => {
          isDown = true;
        },
        async () => {
          isDown = false;
          await run('register', 'orders', 'http://localhost:2');
        },
      ],
      [],
      (input, init) => (isDown ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init)),
    );
    expect(stderr).toMatch(/ from http:\/\/127\S+: fetch failed\. Trying again\.\nThe registry answers again\.\n$/);
    expect(stdout).toContain('registered orders/default');
  });

  test('leaks nothing per poll, however long it watches', async () => {
    const interrupt = new AbortController();
    const { signal } = interrupt;
    const { sleep } = createShell(process, signal, 'packages/cli/package.json');
    const listeners: number[] = [];
    await runCommand(['watch'], {
      cwd,
      env: { DISCOVERY_STAGE: stage },
      signal,
      sleep: async () => {
        await sleep(0, signal);
        if (listeners.push(getEventListeners(signal, 'abort').length) === 15) interrupt.abort();
      },
    });
    expect(new Set(listeners).size).toBe(1);
    expect(listeners[0]).toBeLessThanOrEqual(1);
  });

  test('ends with 5 when the key is refused, and with 2 for an interval below a second', async () => {
    const words = ['watch', '--registry', registry.url, '--api-key', 'wrong', '--stage', stage];
    expect((await runCommand(words)).exitCode).toBe(5);
    expect((await run('watch', '--interval', '0.5')).exitCode).toBe(2);
  });
});

describe('shift', () => {
  async function list() {
    const { stdout } = await run('list', '--owners', '--json');
    const { endpoints } = JSON.parse(stdout) as { endpoints: Record<string, unknown>[] };
    return Object.fromEntries(endpoints.map((endpoint) => [endpoint['id'], endpoint]));
  }

  beforeEach(async () => {
    await run(
      'register',
      'users',
      'http://localhost:1',
      '--metadata',
      'team=blue',
      '--version',
      '1.0.0',
      '--public',
      '--priority',
      '2',
      '--owner',
      'stack-one',
    );
    const canary = ['--id', 'canary', '--weight', '0', '--priority', '2', '--owner', 'stack-two'];
    await run('register', 'users', 'http://localhost:2', ...canary);
    await run('register', 'users', 'http://localhost:3', '--id', 'acme', '--tenant', 'acme');
  });

  test('changes the weights and nothing else, each record for its own owner', async () => {
    const before = await list();
    const { exitCode, stdout } = await run('shift', 'users', '--to', 'canary=10');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual(['ID       FROM  TO', 'default  100   900', 'canary   0     100', '']);
    const after = await list();
    const changed = { token: expect.any(String), updatedAt: expect.any(String) };
    expect(after).toEqual({
      default: { ...before['default'], ...changed, weight: 900 },
      canary: { ...before['canary'], ...changed, weight: 100 },
      acme: before['acme'],
    });
  });

  test('writes nothing with --dry-run, nor when the weights are already so', async () => {
    const before = await list();
    const { stdout } = await run('shift', 'users', '--to', 'canary=10', '--dry-run', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      isDryRun: true,
      changes: [
        { id: 'default', from: 100, to: 900 },
        { id: 'canary', from: 0, to: 100 },
      ],
    });
    expect(await list()).toEqual(before);
    await run('shift', 'users', '--to', 'canary=10');
    const shifted = await list();
    expect((await run('shift', 'users', '--to', 'canary=10')).stderr).toBe('The weights are already so.\n');
    expect(await list()).toEqual(shifted);
  });

  test('never overwrites a record that changed after it was read', async () => {
    let reads = 0;
    const { exitCode } = await runCommand(['shift', 'users', '--to', 'canary=10'], {
      cwd,
      env: { DISCOVERY_STAGE: stage },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        reads += 1;
        if (reads === 1) await run('register', 'users', 'http://localhost:9', '--owner', 'stack-one');
        return answer;
      },
    });
    expect(exitCode).toBe(6);
    expect((await list())['default']).toMatchObject({ target: 'http://localhost:9', weight: 100 });
  });

  test.each([
    [['users'], 2],
    [['users', '--to', 'canary'], 2],
    [['users', '--to', 'canary=ten'], 2],
    [['users', '--to', 'canary=10', '--to', 'canary=20'], 2],
    [['users', '--to', 'canary=110'], 2],
    [['users', '--to', 'nobody=10'], 3],
    [['nobody', '--to', 'canary=10'], 3],
  ])('%j is refused with %i', async (words, exitCode) => {
    expect((await run('shift', ...words)).exitCode).toBe(exitCode);
  });
});
