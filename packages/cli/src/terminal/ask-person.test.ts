import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { askPerson, type Terminal } from './ask-person.ts';

function createTerminal(isTTY = true) {
  const [stdin, stderr] = [Object.assign(new PassThrough(), { isTTY }), Object.assign(new PassThrough(), { isTTY })];
  return { stdin, stderr, terminal: { stdin, stderr } as unknown as Terminal };
}

const interrupt = new AbortController();

test('returns what the user types after the question', async () => {
  const { stdin, stderr, terminal } = createTerminal();
  const answer = askPerson('Sure? ', terminal, interrupt.signal);
  stdin.write('yes\nmore\n');
  expect(await answer).toBe('yes');
  expect(String(stderr.read())).toBe('Sure? ');
});

test('the end of the input is not an answer', async () => {
  const { stdin, terminal } = createTerminal();
  const answer = askPerson('Sure? ', terminal, interrupt.signal);
  stdin.end();
  expect(await answer).toBeUndefined();
});

test('there is no question without a terminal', async () => {
  const { stderr, terminal } = createTerminal(false);
  expect(await askPerson('Sure? ', terminal, interrupt.signal)).toBeUndefined();
  expect(stderr.read()).toBeNull();
});

test('Ctrl-C ends the question', async () => {
  const { terminal } = createTerminal();
  const controller = new AbortController();
  const answer = askPerson('Sure? ', terminal, controller.signal);
  controller.abort(new Error('interrupted'));
  await expect(answer).rejects.toThrow('interrupted');
});
