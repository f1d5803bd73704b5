import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDateTime } from './is-date-time.ts';
import { parseDateTime } from './parse-date-time.ts';

describe('a time', () => {
  test.each([
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:00.123456789Z', '2027-01-31T12:00:00.123Z'],
    ['2027-01-31T12:00:00+01:00', '2027-01-31T11:00:00.000Z'],
    ['2027-01-31T12:00:00-05:30', '2027-01-31T17:30:00.000Z'],
    ['2027-01-31T12:00:00+01:00:30', '2027-01-31T10:59:30.000Z'],
    ['2027-01-31T12:00:00-01:00:30', '2027-01-31T13:00:30.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s is read', (text, expected) => {
    expect(isDateTime(text)).toBe(true);
    expect(new Date(parseDateTime(text)).toISOString()).toBe(expected);
  });

  test.each([
    '',
    'tomorrow',
    '2027',
    '2027-01-31',
    '2027-01-31T12:00:00',
    '2027-01-31 12:00:00Z',
    '2027-02-30T12:00:00Z',
    '2027-02-29T12:00:00Z',
    '2027-13-01T12:00:00Z',
    '2027-01-31T24:00:00Z',
    '2027-01-31T12:60:00Z',
    '2027-01-31T12:00:00+1:00',
    '2027-01-31T12:00:00.Z',
    '2027-01-31T12:00:00Z\n',
  ])('%j is not one that AppSync takes', (text) => {
    expect(isDateTime(text)).toBe(false);
  });

  test('that is none is not a number', () => {
    for (const text of ['', 'tomorrow', 'x+01:00:30']) expect(parseDateTime(text)).toBeNaN();
  });

  test('with any offset is the same moment as without', () => {
    const moment = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
    const offset = fc.tuple(fc.boolean(), fc.nat(14), fc.nat(59), fc.nat(59));
    fc.assert(
      fc.property(moment, offset, (date, [isAhead, ...parts]) => {
        const [hours, minutes, seconds] = parts;
        const ms = (hours * 3600 + minutes * 60 + seconds) * 1000 * (isAhead ? 1 : -1);
        const local = new Date(date.getTime() + ms).toISOString().replace('Z', '');
        const text = `${local}${isAhead ? '+' : '-'}${parts.map((part) => String(part).padStart(2, '0')).join(':')}`;
        expect([isDateTime(text), parseDateTime(text)]).toEqual([true, date.getTime()]);
      }),
    );
  });
});
