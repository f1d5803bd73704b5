import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalRegistry, type LocalRegistry } from '@amplify-discovery/local';
import { createStage } from './create-stage.ts';
import { runCommand, type Outcome } from './test-shell.ts';

let registry: LocalRegistry;
let cwd: string;
let stage: string;

beforeAll(async () => {
  registry = await startLocalRegistry();
});

afterAll(async () => {
  await registry.stop();
});

beforeEach(async () => {
  ({ cwd, stage } = await createStage(registry));
});

/** Runs a command in the stage of this test. */
function run(...words: string[]): Promise<Outcome> {
  return runCommand(words, { cwd, env: { DISCOVERY_STAGE: stage } });
}

async function readJson(...words: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await run(...words, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('register and deregister', () => {
  test('a registered endpoint is listed, resolved, and gone once deregistered', async () => {
    const registered = await run('register', 'users', 'http://localhost:3000/', '--version', '1.4.2');
    expect(registered).toMatchObject({ exitCode: 0, stderr: '' });
    expect(registered.stdout).toContain(
      `Registered users/default in ${stage} at http://localhost:3000 (registry from .local/registry.json)`,
    );

    expect((await run('list')).stdout).toMatch(
      /STAGE +SERVICE +ID +KIND +TARGET +VERSION.*\n.* users +default +rest +http:\/\/localhost:3000 +1\.4\.2/,
    );
    expect((await run('resolve', 'users')).stdout).toBe('http://localhost:3000\n');

    expect((await run('deregister', 'users')).stdout).toContain('De-registered users/default');
    expect(await run('list')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringMatching(/^There are no endpoints\.\n/),
    });
    expect(await run('resolve', 'users')).toMatchObject({ exitCode: 3, stdout: '' });
  });

  test('every option reaches the record', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    await run(
      'register',
      'users',
      'https://api.example.com',
      '--id',
      'canary',
      '--kind',
      'http',
      '--signing-region',
      'eu-west-1',
      '--signing-service',
      'execute-api',
      '--auth-mode',
      'iam',
      '--version',
      '2.0.0',
      '--tenant',
      'acme',
      '--weight',
      '10',
      '--metadata',
      'team=blue',
      '--metadata',
      'note=a=b',
      '--expires',
      expires,
      '--owner',
      'pipeline',
    );
    const { endpoints } = await readJson('list', '--owners');
    expect(endpoints).toEqual([
      expect.objectContaining({
        service: 'users',
        id: 'canary',
        kind: 'http',
        target: 'https://api.example.com',
        region: 'eu-west-1',
        signingService: 'execute-api',
        authMode: 'iam',
        version: '2.0.0',
        tenant: 'acme',
        weight: 10,
        metadata: { team: 'blue', note: 'a=b' },
        expiresAt: expires,
        owner: 'pipeline',
        token: expect.any(String),
      }),
    ]);
  });

  test('region and signing service come from an AWS host name', async () => {
    const { endpoint } = await readJson('register', 'users', 'https://abc.execute-api.eu-west-1.amazonaws.com/prod');
    expect(endpoint).toMatchObject({ region: 'eu-west-1', signingService: 'execute-api' });
  });

  test('a record of another owner is refused with its own exit code, and replaced with --takeover', async () => {
    await run('register', 'users', 'http://localhost:1');
    const refused = await run('register', 'users', 'http://localhost:2', '--owner', 'bob');
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain('RegistrationConflict');
    expect(refused.stderr).toContain('register with takeover');
    expect((await run('resolve', 'users')).stdout).toBe('http://localhost:1\n');
    expect((await run('register', 'users', 'http://localhost:2', '--owner', 'bob', '--takeover')).exitCode).toBe(0);
    expect((await run('resolve', 'users')).stdout).toBe('http://localhost:2\n');
  });

  test("deregistering another owner's record does nothing, succeeds and says who holds it", async () => {
    await run('register', 'users', 'http://localhost:1', '--owner', 'bob');
    const outcome = await run('deregister', 'users');
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toContain('Nothing removed: bob holds it, not cli:ann.');
    expect((await run('resolve', 'users')).exitCode).toBe(0);
  });

  test('an outdated token protects the record', async () => {
    const { endpoint } = await readJson('register', 'users', 'http://localhost:1');
    const { token } = endpoint as { token: string };
    await run('register', 'users', 'http://localhost:2');
    expect((await run('register', 'users', 'http://localhost:3', '--token', token)).exitCode).toBe(6);
    const { stderr } = await run('deregister', 'users', '--token', token);
    expect(stderr).toContain('the record has moved on');
    expect((await run('resolve', 'users')).stdout).toBe('http://localhost:2\n');
  });

  test('deregistering what is not there succeeds and says so', async () => {
    const { exitCode, stderr } = await run('deregister', 'nobody');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `Nothing to remove: there is no nobody/default in ${stage}.\n`,
    });
  });

  test.each([
    [
      'a target that is not a secure URL',
      ['users', 'http://evil.example.com'],
      'TARGET must be an absolute https:// URL without user info, query or hash (wss:// for kind websocket or events; an ARN for kind function or resource): it is "http://evil.example.com"',
    ],
    ['a target with userinfo', ['users', 'https://user@example.com'], 'it is "https://user@example.com"'],
    ['a service name with a slash', ['us/ers', 'https://example.com'], 'SERVICE must be 1 to 128'],
    [
      'a weight out of bounds',
      ['users', 'https://example.com', '--weight', '1001'],
      '--weight must be a whole number from 0 to 1000: it is 1001',
    ],
    [
      'a priority that is none',
      ['users', 'https://example.com', '--priority', '1.5'],
      '--priority must be a whole number',
    ],
    [
      'a version that is none',
      ['users', 'https://example.com', '--version', '2'],
      '--version must be a semantic version',
    ],
    ['an unknown kind', ['users', 'https://example.com', '--kind', 'soap'], '--kind: "soap" is none of rest'],
    [
      'an expiry that has passed',
      ['users', 'https://example.com', '--expires', '2020-01-01T00:00:00Z'],
      '--expires must be a time in the future',
    ],
    ['metadata without a key', ['users', 'https://example.com', '--metadata', '=x'], '--metadata: "=x"'],
    ['an empty owner', ['users', 'https://example.com', '--owner', ''], '--owner'],
    ['a missing target', ['users'], 'TARGET is missing'],
  ])('%s is refused before anything is written, with the rule', async (_, words, message) => {
    const before = registry.requests['registerEndpoint'];
    expect(await run('register', ...words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
    expect(registry.requests['registerEndpoint']).toBe(before);
  });

  test('all faults are reported at once', async () => {
    const { stderr } = await run('register', 'us/ers', 'nope', '--weight', '2000', '--version', '1');
    for (const name of ['SERVICE', 'TARGET', '--weight', '--version']) expect(stderr).toContain(`${name} must be`);
  });

  test.each([
    ['https://abc.execute-api.eu-west-1.amazonaws.com/prod', { kind: 'rest', signingService: 'execute-api' }],
    ['https://abc.lambda-url.eu-west-1.on.aws', { kind: 'http', signingService: 'lambda' }],
    ['https://abc.appsync-api.eu-west-1.amazonaws.com/graphql', { kind: 'graphql', signingService: 'appsync' }],
    ['arn:aws:lambda:eu-west-1:123456789012:function:users', { kind: 'function', signingService: 'lambda' }],
  ])('%s is registered with what its host name says', async (target, expected) => {
    expect((await run('register', 'users', target)).exitCode).toBe(0);
    const { endpoints } = await readJson('list');
    expect(endpoints).toEqual([expect.objectContaining({ target, region: 'eu-west-1', ...expected })]);
  });
});

describe('list, stages and resolve', () => {
  test('a service is found in all stages', async () => {
    await run('register', 'everywhere', 'http://localhost:1');
    await run('register', 'everywhere', 'http://localhost:2', '--stage', `${stage}-other`);
    const { endpoints } = await readJson('list', 'everywhere');
    expect((endpoints as { stage: string }[]).map((endpoint) => endpoint.stage).sort()).toEqual([
      stage,
      `${stage}-other`,
    ]);
    const only = await readJson('list', 'everywhere', '--stage', stage);
    expect(only['endpoints']).toHaveLength(1);
    const { stages } = await readJson('stages');
    expect(stages).toEqual(expect.arrayContaining([stage, `${stage}-other`]));
    const all = await readJson('list', '--all-stages');
    expect(all['endpoints']).toEqual(expect.arrayContaining(endpoints as object[]));
  });

  test('the first stage that has the service wins', async () => {
    await run('register', 'users', 'http://localhost:1');
    await run('register', 'orders', 'http://localhost:2');
    await run('register', 'users', 'http://localhost:9', '--stage', `${stage}-pr`);
    const overlay = ['--stage', `${stage}-pr`, '--stage', stage];
    expect((await run('resolve', 'users', ...overlay)).stdout).toBe('http://localhost:9\n');
    expect((await run('resolve', 'orders', ...overlay)).stdout).toBe('http://localhost:2\n');
  });

  test('resolve selects by version, tenant and id', async () => {
    await run('register', 'users', 'http://localhost:1', '--id', 'v1', '--version', '1.2.0');
    await run('register', 'users', 'http://localhost:2', '--id', 'v2', '--version', '2.0.0');
    await run('register', 'users', 'http://localhost:3', '--id', 'acme', '--tenant', 'acme');
    expect((await run('resolve', 'users', '--version', '^1.0')).stdout).toBe('http://localhost:1\n');
    expect((await run('resolve', 'users', '--id', 'v2')).stdout).toBe('http://localhost:2\n');
    expect((await run('resolve', 'users', '--tenant', 'acme')).stdout).toBe('http://localhost:3\n');
    expect((await run('resolve', 'users', '--version', 'newest')).exitCode).toBe(2);
  });

  test('resolve takes the endpoint of the first preferred region that has one', async () => {
    for (const [region, port] of Object.entries({ 'eu-west-1': 1, 'us-east-1': 2 })) {
      const place = ['--id', region, '--signing-region', region];
      await run('register', 'users', `http://localhost:${port}`, ...place);
    }
    for (const [port, ...regions] of [
      [2, 'us-east-1'],
      [1, 'sa-east-1', 'eu-west-1'],
    ]) {
      const prefer = regions.flatMap((region) => ['--prefer', `${region}`]);
      expect((await run('resolve', 'users', ...prefer)).stdout).toBe(`http://localhost:${port}\n`);
    }
    expect(await run('resolve', 'users', '--prefer', 'eu-west-1,us-east-1')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--prefer once for each region'),
    });
  });

  test('a host that the app would not trust is not resolved', async () => {
    await run('register', 'users', 'https://api.example.com');
    const refused = await run('resolve', 'users');
    expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
    expect(refused.stderr).toContain('api.example.com');
    expect((await run('resolve', 'users', '--trusted-host', '*.example.com')).stdout).toBe('https://api.example.com\n');
  });

  test('a mistyped name is answered with the one that was probably meant', async () => {
    await run('register', 'user-management-service', 'http://localhost:1');
    const { exitCode, stderr } = await run('resolve', 'user-managment-service');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('perhaps user-management-service is meant');
  });

  test('a version that is not there is answered with those that are', async () => {
    await run('register', 'users', 'http://localhost:1', '--version', '1.4.2');
    const { exitCode, stderr } = await run('resolve', 'users', '--version', '^2');
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringMatching(/in \^2: there are 1\.4\.2\n/) });
  });

  test.each([
    ['resolve', ['resolve', 'users'], 3],
    ['list', ['list'], 0],
    ['typegen', ['typegen'], 3],
    ['shift', ['shift', 'users', '--to', 'canary=10'], 3],
    ['export', ['export', 'nginx'], 3],
  ])('%s of a stage without endpoints says which stages have some', async (_, words, exitCode) => {
    await run('register', 'users', 'http://localhost:1');
    const empty = await run(...words, '--stage', 'nothing-here');
    expect(empty).toMatchObject({ exitCode, stderr: expect.stringMatching(/^Stages that have endpoints: stage-/m) });
    const mistyped = await run(...words, '--stage', `${stage}x`);
    expect(mistyped.stderr).toContain(`Did you mean the stage "${stage}"?`);
  });

  test('errors are JSON, too, with --json', async () => {
    const { exitCode, stdout } = await run('resolve', 'nobody', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'ServiceNotFound', service: 'nobody', retryable: false },
    });
  });
});

describe('typegen', () => {
  const read = (file: string) => readFile(join(cwd, file), 'utf8');

  test('the declaration names each service once, sorted', async () => {
    await run('register', 'users', 'http://localhost:1');
    await run('register', 'users', 'http://localhost:2', '--id', 'canary');
    await run('register', 'orders', 'http://localhost:3');
    expect((await run('typegen', '--out', 'types/services.d.ts')).stdout).toBe(
      'types/services.d.ts: written, 2 services\n',
    );
    const text = await read('types/services.d.ts');
    expect(text.match(/'.+': true;/g)).toEqual(["'orders': true;", "'users': true;"]);
    expect(text).toContain("declare module 'amplify-discovery'");
  });

  test('an unchanged file is not written again', async () => {
    await run('register', 'users', 'http://localhost:1');
    await run('typegen');
    const before = await stat(join(cwd, 'discovered-services.d.ts'), { bigint: true });
    expect((await run('typegen')).stdout).toContain('up to date');
    const after = await stat(join(cwd, 'discovered-services.d.ts'), { bigint: true });
    expect(after.mtimeNs).toBe(before.mtimeNs);
  });

  test('--check writes nothing and fails until the file is up to date', async () => {
    await run('register', 'users', 'http://localhost:1');
    expect((await run('typegen', '--check')).exitCode).toBe(1);
    await expect(read('discovered-services.d.ts')).rejects.toThrow('ENOENT');
    await run('typegen');
    expect((await run('typegen', '--check')).exitCode).toBe(0);
    await run('register', 'orders', 'http://localhost:2');
    expect((await run('typegen', '--check')).exitCode).toBe(1);
    expect(await read('discovered-services.d.ts')).not.toContain('orders');
  });

  test('an empty stage never replaces a declaration', async () => {
    await writeFile(join(cwd, 'discovered-services.d.ts'), 'precious');
    expect((await run('typegen')).exitCode).toBe(3);
    expect(await read('discovered-services.d.ts')).toBe('precious');
  });
});

describe('what comes from the registry', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e';

  test('cannot send escape sequences to the terminal', async () => {
    await run('register', 'users', 'http://localhost:1', '--owner', `x${evil}`, '--metadata', `note=${evil}`);
    for (const words of [
      ['list', '--owners'],
      ['list', '--owners', '--json'],
      ['deregister', 'users'],
      ['list', '--json'],
      ['register', 'users', 'http://localhost:2'],
    ]) {
      const { stdout, stderr } = await run(...words);
      expect(`${stdout}${stderr}`).toContain('users');
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(`${stdout}${stderr}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    const { endpoints } = await readJson('list', '--owners');
    expect(endpoints).toEqual([expect.objectContaining({ owner: `x${evil}`, metadata: { note: evil } })]);
  });
});
