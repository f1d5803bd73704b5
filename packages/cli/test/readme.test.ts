import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { commands } from '../src/commands.ts';
import { exitCodes } from '../src/terminal/exit-code.ts';

const readme = readFileSync('packages/cli/README.md', 'utf8');

test.each(commands.map(({ name }) => name))('the README explains %s', (name) => {
  expect(readme).toMatch(new RegExp(`^\\| \`${name}[ \`]`, 'm'));
});

test.each(Object.entries(exitCodes))('the README says what exit code %s means', (code, meaning) => {
  const row = readme.split('\n').find((line) => new RegExp(`^\\| ${code} +\\|`).test(line)) ?? '';
  expect(row.replaceAll('`', '')).toContain(meaning);
});
