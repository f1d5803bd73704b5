import { expect, test } from '@jest/globals';
import { findStoppedBridges } from './find-stopped-bridges.ts';

const hour = 3_600_000;
const objects = [
  { key: 'users/default', content: '', mark: 'blue' },
  { key: 'orders/default', content: '', mark: 'blue' },
  { key: 'theirs/default', content: '' },
];
const blue = { mark: 'blue', syncedAt: 0, withinSeconds: 10_800, program: 'test' };
const find = (statuses: readonly (typeof blue)[] | undefined, now: number, more: typeof objects = []) =>
  findStoppedBridges(
    { target: 'cloud-map:{stage}.internal', stage: 'prod', objects: [...objects, ...more], statuses },
    now,
  );

test('a bridge that keeps its promise is no finding, and what nobody copied is none of its copies', () => {
  expect(find([blue], 3 * hour)).toEqual({
    bridges: [
      {
        stage: 'prod',
        mark: 'blue',
        copies: 2,
        lastRun: '1970-01-01T00:00:00.000Z',
        program: 'test',
        dueAt: '1970-01-01T03:00:00.000Z',
      },
    ],
    findings: [],
  });
});

test('one that does not is found, with the command that takes its copies back', () => {
  expect(find([blue], 3 * hour + 1).findings).toEqual([
    {
      check: 'bridge-stopped',
      severity: 'error',
      subject: 'prod blue',
      problem: 'The bridge has not run since 1970-01-01T00:00:00.000Z: nothing keeps its 2 copies right',
      fix: "Start the bridge again, with the same mark; or take its copies back: discovery bridge registry 'cloud-map:{stage}.internal' --purge --stage prod --mark blue",
    },
  ]);
});

test('a mark that no bridge answers for is found, also one called as a member that every object has', () => {
  const more = [{ key: 'x/default', content: '', mark: 'constructor' }];
  expect(find([blue], 0, more).findings).toMatchObject([
    { check: 'mark-unowned', subject: 'prod constructor', problem: 'No bridge answers for the 1 copy with this mark' },
  ]);
});

test('a bridge that is run by hand promises nothing, and where the target has no place for statuses nothing is found', () => {
  const { withinSeconds: _none, ...byHand } = blue;
  expect(find([byHand as typeof blue], 1000 * hour).findings).toEqual([]);
  expect(find(undefined, 0)).toEqual({ bridges: [{ stage: 'prod', mark: 'blue', copies: 2 }], findings: [] });
});
