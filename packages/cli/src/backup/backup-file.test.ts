import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatBackup, parseBackup, type Backup } from './backup-file.ts';

const backup: Backup = {
  createdAt: '2026-03-01T12:00:00.000Z',
  registry: 'https://registry.example/graphql',
  rows: [
    { stage: 'prod', key: 'users#default', target: 'https://a.example.com' },
    { stage: '#rules', key: 'freeze#night', rule: { kind: 'freeze' } },
    { stage: 'dev', key: 'users#default' },
  ],
};
const parse = (text: string) => parseBackup(text, 'registry.json');
const refusal = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    expect(error).toMatchObject({ code: 'InvalidOptions' });
    return (error as Error).message;
  }
  return 'taken';
};

test('a backup is read as it was written, its rows in order, each on a line of its own', () => {
  const text = formatBackup(backup);
  const rows = [backup.rows[1], backup.rows[2], backup.rows[0]];
  expect(parse(text)).toEqual({ ...backup, rows });
  expect(text.split('\n').filter((line) => line.includes('"stage"'))).toHaveLength(3);
  expect(formatBackup({ ...backup, rows: [...backup.rows].reverse() })).toBe(text);
  expect(parse(formatBackup({ ...backup, rows: [] })).rows).toEqual([]);
});

test('any rows survive', () => {
  const row = fc
    .dictionary(fc.string(), fc.jsonValue())
    .chain((more) => fc.record({ stage: fc.string(), key: fc.string() }).map((key) => ({ ...more, ...key })));
  const rows = fc.uniqueArray(row, { selector: ({ stage, key }) => JSON.stringify([stage, key]) });
  fc.assert(
    fc.property(rows, (given) => {
      const there = JSON.parse(JSON.stringify(given)) as Backup['rows'];
      const found = parse(formatBackup({ ...backup, rows: there })).rows;
      expect(new Set(found.map((one) => JSON.stringify(one)))).toEqual(
        new Set(there.map((one) => JSON.stringify(one))),
      );
    }),
  );
});

describe('refused', () => {
  test('is a part of a backup, wherever it was cut', () => {
    const text = formatBackup(backup).trimEnd();
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        expect(refusal(text.slice(0, length))).toBe(
          'registry.json: is not JSON: it is not a backup, or only a part of one',
        );
      }),
    );
  });

  test('is a backup in which a character has changed, unless it still says the same', () => {
    const text = formatBackup(backup);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('x', '1', '"', '{', ' '), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        if (refusal(changed) === 'taken') expect(parse(changed).rows).toEqual(parse(text).rows);
      }),
      { numRuns: 500 },
    );
  });

  const edited = (change: object): string => JSON.stringify({ ...JSON.parse(formatBackup(backup)), ...change });
  test.each([
    ['{}', 'is not a backup that "discovery backup" made: format'],
    ['[]', 'is not a backup'],
    ['null', 'is not JSON'],
    [edited({ format: 'other' }), 'format'],
    [edited({ version: 2 }), 'has version 2 of the format, and this program reads 1'],
    [edited({ rows: [{ stage: 'dev' }] }), 'rows.0.key'],
    [edited({ rows: 'all' }), 'rows'],
    [edited({ rows: [] }), 'is damaged, or was edited'],
    [edited({ sha256: undefined, rows: [backup.rows[0], backup.rows[0]] }), 'two rows for users#default in prod'],
  ])('%s', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  test('is nothing that was edited on purpose, without its sum', () => {
    expect(parse(edited({ sha256: undefined, rows: [] })).rows).toEqual([]);
  });
});
