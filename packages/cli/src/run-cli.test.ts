import { describe, expect, test } from '@jest/globals';
import { createWriterError, DiscoveryError } from '@amplify-discovery/core';
import { runCommand } from '../test/test-shell.ts';
import { commands } from './commands.ts';
import { exitCodes, getExitCode } from './terminal/exit-code.ts';
import { parseArguments } from './terminal/parse-arguments.ts';

describe('help', () => {
  test('the overview names every command and every exit code', async () => {
    const { exitCode, stdout } = await runCommand([]);
    expect(exitCode).toBe(0);
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
    for (const meaning of Object.values(exitCodes)) expect(stdout).toContain(meaning);
    expect((await runCommand(['--help'])).stdout).toBe(stdout);
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    '%s --help explains each option and its examples parse',
    async (name, command) => {
      const { exitCode, stdout } = await runCommand([name, '--help']);
      expect(exitCode).toBe(0);
      for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
      for (const meaning of Object.values(exitCodes)) expect(stdout).toContain(meaning);
      expect((await runCommand(['help', name])).stdout).toBe(stdout);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const [line] of command.examples) {
        expect(stdout).toContain(line);
        const [, called, rest = ''] = /discovery ([a-z]+) ?([^|)]*)/.exec(line) ?? [];
        expect(called).toBe(name);
        const words = rest
          .trim()
          .split(/\s+/)
          .filter(Boolean)
          .map((word) => word.replaceAll(/['"]/g, ''));
        expect(parseArguments(command, words).wantsHelp).toBe(false);
      }
    },
  );

  test('--version prints the version', async () => {
    expect((await runCommand(['--version'])).stdout).toBe('9.9.9\n');
  });
});

describe('a wrong command line ends with 2 and says what is wrong', () => {
  test.each([
    [['lsit'], 'Did you mean "list"?'],
    [['frobnicate'], 'See: discovery --help'],
    [['list', '--nope'], '--nope'],
    [['register'], 'SERVICE is missing'],
    [['register', 'a'], 'TARGET is missing'],
    [['stages', 'extra'], '"extra" is one argument too many'],
    [['list', '--timeout', 'soon'], '--timeout: "soon" is not a number'],
    [['register', 'a', 'b', '--kind', 'soap'], '--kind: "soap" is none of rest'],
    [['list', '--stage', 'a/b', '--registry', 'https://r.example.com', '--api-key', 'k'], '--stage must be 1 to 128'],
    [['list', '--registry', 'https://r.example.com', '--api-key', 'k'], 'No stage is named'],
    [['list'], 'No registry is named'],
    [['dev', '--port', '65536'], '--port must be a whole number from 0 to 65535: it is 65536'],
    [['dev', '--port', '1.5'], '--port must be a whole number from 0 to 65535: it is 1.5'],
  ])('%j', async (words, message) => {
    const { exitCode, stdout, stderr } = await runCommand(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

const options = ['--registry', 'https://r.example.com/graphql', '--region', 'eu-west-1'];
const findCredentials = async () => async () => ({ accessKeyId: 'id', secretAccessKey: 'secret' });

describe('exit codes', () => {
  const signal = new AbortController().signal;

  test('each family of errors has its own', () => {
    expect(getExitCode(new DiscoveryError('InvalidOptions', ''), signal)).toBe(2);
    expect(getExitCode(new DiscoveryError('ServiceNotFound', ''), signal)).toBe(3);
    expect(getExitCode(createWriterError('RegistrationConflict', ''), signal)).toBe(4);
    expect(getExitCode(new DiscoveryError('RegistryDenied', ''), signal)).toBe(5);
    expect(getExitCode(new DiscoveryError('RegistryUnavailable', ''), signal)).toBe(6);
    expect(getExitCode(new DiscoveryError('UntrustedEndpoint', ''), signal)).toBe(7);
    expect(getExitCode(new TypeError('defect'), signal)).toBe(70);
    expect(getExitCode(new Error('whatever'), AbortSignal.abort())).toBe(130);
  });

  test('an unreachable registry ends with 6, one that refuses with 5', async () => {
    const down = await runCommand(['stages', ...options], {
      findCredentials,
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    expect(down).toMatchObject({ exitCode: 6, stdout: '' });
    const denied = await runCommand(['stages', ...options], {
      findCredentials,
      fetch: async () =>
        Response.json({ errors: [{ errorType: 'UnauthorizedException', message: 'no' }] }, { status: 401 }),
    });
    expect(denied).toMatchObject({ exitCode: 5, stdout: '' });
  });

  test('a registry that is slower than --timeout ends with 6', async () => {
    const never = () => new Promise<never>(() => {});
    const { exitCode, stderr } = await runCommand(['stages', ...options, '--timeout', '0.01'], {
      findCredentials,
      fetch: never,
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('no answer in 10 ms') });
  });

  test('writing without credentials ends with 5 and says where they were looked for', async () => {
    const { exitCode, stderr } = await runCommand(
      [
        'register',
        'a',
        'https://a.example.com',
        '--stage',
        'dev',
        '--registry',
        'https://r.appsync-api.eu-west-1.amazonaws.com/graphql',
      ],
      { findCredentials: () => Promise.reject(new Error('Could not load credentials from any providers')) },
    );
    expect(exitCode).toBe(5);
    expect(stderr).toContain(
      'This needs IAM credentials, and no AWS credentials were found: Could not load credentials',
    );
  });
});

describe('a slow registry', () => {
  const slow = {
    words: ['stages', ...options],
    answer: { data: { stages: { stages: ['dev'], nextToken: null } } },
  };

  async function runSlowly(isTty: boolean) {
    let startTicking: (tick: () => void) => void = () => {};
    const ticking = new Promise<() => void>((resolve) => {
      startTicking = resolve;
    });
    let stopped = false;
    const stderr: string[] = [];
    const outcome = await runCommand(slow.words, {
      findCredentials,
      stderr: { isTty, write: (text) => void stderr.push(text) },
      every: (_, task) => {
        startTicking(task);
        return () => {
          stopped = true;
        };
      },
      fetch: async () => {
        if (isTty) {
          const tick = await ticking;
          tick();
          tick();
        }
        return Response.json(slow.answer);
      },
    });
    return { outcome, stderr, stopped };
  }

  test('shows what is pending on a terminal, and erases it', async () => {
    const { outcome, stderr, stopped } = await runSlowly(true);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'dev\n' });
    expect(stopped).toBe(true);
    expect(stderr.slice(0, 2)).toEqual([
      '\rReading https://r.example.com/graphql: 1 s',
      '\rReading https://r.example.com/graphql: 2 s',
    ]);
    expect(stderr[2]).toMatch(/^\r +\r$/);
  });

  test('shows nothing without a terminal', async () => {
    expect((await runSlowly(false)).stderr).toEqual([]);
  });
});
