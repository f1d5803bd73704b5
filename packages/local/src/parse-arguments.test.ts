import { expect, test } from '@jest/globals';
import { helpText, parseArguments } from './parse-arguments.ts';

test('without arguments it starts in memory, on its usual port, with its usual credentials file', () => {
  expect(parseArguments([])).toEqual({
    kind: 'start',
    port: 4440,
    dataFolder: undefined,
    credentialsFile: '.local/registry.json',
  });
});

test('every option is taken, and the help names it', () => {
  expect(parseArguments(['--port', '0', '--data', 'd', '--credentials', 'c.json'])).toEqual({
    kind: 'start',
    port: 0,
    dataFolder: 'd',
    credentialsFile: 'c.json',
  });
  for (const option of ['--port', '--data', '--credentials', '--help']) expect(helpText).toContain(option);
  expect(parseArguments(['--help'])).toEqual({ kind: 'help' });
});

test.each([[['--port', 'x']], [['--port', '70000']], [['--port']], [['--nope']], [['extra']]])(
  '%j is refused with InvalidOptions',
  (argv) => {
    expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ code: 'InvalidOptions' }));
  },
);
