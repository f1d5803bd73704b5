import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hashMark,
  isReportDue,
  promiseReport,
  readStatus,
  readStatusText,
  renderStatus,
  renderStatusText,
} from './bridge-status.ts';

const status = fc.record({
  mark: fc.stringMatching(/^[\w.:/-]{1,128}$/),
  syncedAt: fc
    .date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })
    .map((date) => date.getTime()),
  program: fc.string(),
});

test('a status survives the way through texts and through JSON', () => {
  fc.assert(
    fc.property(status, fc.option(fc.nat(999_999_999), { nil: undefined }), (some, withinSeconds) => {
      const whole = { ...some, ...(withinSeconds !== undefined && { withinSeconds }) };
      expect(readStatus(renderStatus(whole))).toEqual(whole);
      expect(readStatusText(renderStatusText(whole))).toEqual(whole);
    }),
  );
});

test('whatever else stands there is not taken for a status', () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => expect(readStatusText(text)).toBeUndefined()));
  const texts = renderStatus({ mark: 'blue', syncedAt: 0, withinSeconds: 5, program: 'test' });
  for (const broken of [
    { syncedAt: 'yesterday' },
    { syncedAt: undefined },
    { withinSeconds: '-5' },
    { 'discovery.bridge': 5 },
  ])
    expect(readStatus({ ...texts, ...broken })).toBeUndefined();
  expect(readStatus(Object.create(texts) as typeof texts)).toBeUndefined();
});

test('a bridge reports once an hour, or at each run where those are rarer, and promises three times that', () => {
  const at = (syncedAt: number, withinSeconds?: number) => ({
    mark: 'blue',
    syncedAt: syncedAt * 1000,
    program: 'test',
    ...(withinSeconds !== undefined && { withinSeconds }),
  });
  expect([promiseReport(10), promiseReport(86_400)]).toEqual([10_800, 259_200]);
  expect([3599, 3600].map((age) => isReportDue(at(0, 10_800), at(age, 10_800)))).toEqual([false, true]);
  expect([86_399, 86_400].map((age) => isReportDue(at(0, 259_200), at(age, 259_200)))).toEqual([false, true]);
  expect([3599, 3600].map((age) => isReportDue(at(0), at(age)))).toEqual([false, true]);
  // A clock that was set back, another interval, a newer program.
  expect(isReportDue(at(9000, 10_800), at(0, 10_800))).toBe(true);
  expect(isReportDue(at(0, 10_800), at(1, 259_200))).toBe(true);
  expect(isReportDue(at(0, 10_800), { ...at(1, 10_800), program: 'newer' })).toBe(true);
});

test('marks have names of their own', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(hashMark(one)).toMatch(/^[\w-]{22}$/);
      expect(hashMark(one) === hashMark(other)).toBe(one === other);
    }),
  );
});
