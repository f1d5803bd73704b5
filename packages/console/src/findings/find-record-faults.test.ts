import { createTrust } from '@amplify-discovery/core';
import { describe, expect, test } from '@jest/globals';
import type { ListedEndpoint } from '../records/listed-endpoint.ts';
import { findRecordFaults } from './find-record-faults.ts';
import { writeDeregister } from './finding.ts';

const now = Date.parse('2030-01-01T00:00:00Z');
const findTrust = createTrust({ trustedHosts: ['*.example.com'] });
const make = (fields: Partial<ListedEndpoint>): ListedEndpoint => ({
  stage: 'dev',
  service: 'users',
  id: 'default',
  kind: 'rest',
  target: 'https://api.example.com',
  priority: 0,
  weight: 100,
  public: false,
  ...fields,
});
const find = (...records: ListedEndpoint[]) => findRecordFaults(records, [], findTrust, now);

test('records that are well give no finding', () => {
  expect(
    find(
      make({}),
      make({ service: 'orders', expiresAt: '2030-02-01T00:00:00Z' }),
      make({ service: 'jobs', target: 'arn:aws:lambda:eu-west-1:1:function:x' }),
    ),
  ).toEqual([]);
});

test('an expired record may be removed, one that expires within a day is reported', () => {
  const expired = make({ expiresAt: '2029-12-31T00:00:00Z', owner: 'cli:ann', token: 't1' });
  expect(find(expired)).toEqual([
    expect.objectContaining({
      check: 'expired',
      severity: 'warning',
      subject: 'dev/users/default',
      removable: expired,
      fix: expect.stringContaining('--token t1'),
    }),
  ]);
  const [soon] = find(make({ expiresAt: '2030-01-01T12:00:00Z' }));
  expect(soon).toMatchObject({ check: 'expires-soon' });
  expect(soon).not.toHaveProperty('removable');
});

test('a host that the app would not trust is an error', () => {
  expect(find(make({ target: 'https://api.example.com.evil.com' }))).toEqual([
    expect.objectContaining({
      check: 'untrusted-host',
      severity: 'error',
      fix: expect.stringContaining('api.example.com.evil.com'),
    }),
  ]);
});

test('names that differ only in case are told once, services within their stage', () => {
  const findings = find(
    make({}),
    make({ service: 'Users' }),
    make({ service: 'USERS', stage: 'prod' }),
    make({ service: 'other', stage: 'Dev' }),
  );
  expect(findings.map(({ check, subject, problem }) => [check, subject, problem])).toEqual([
    ['differs-in-case', 'Dev', 'The stages Dev and dev differ only in case, and are different names.'],
    ['differs-in-case', 'dev', 'The services Users and users differ only in case, and are different names.'],
  ]);
});

test('malformed records are reported', () => {
  expect(findRecordFaults([], ['bad target'], findTrust, now)).toEqual([
    expect.objectContaining({ check: 'malformed', problem: 'bad target' }),
  ]);
});

describe('the command that fixes', () => {
  test('takes over what a stack holds that is gone, because nobody acts as a stack', () => {
    const owner = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/users/1f0c#Users';
    expect(writeDeregister(make({ owner, token: '1.2' }))).toBe(
      `discovery deregister users --stage dev --id default --takeover --reason "its stack is gone" --token 1.2`,
    );
  });

  test('names key, owner and token of what somebody else holds', () => {
    expect(writeDeregister(make({ owner: 'cli:ann', token: '1.2' }))).toBe(
      'discovery deregister users --stage dev --id default --owner cli:ann --token 1.2',
    );
  });

  test('cannot be made to run something else by an owner', () => {
    expect(writeDeregister(make({ owner: "x'; rm -rf ~; '$(id)" }))).toBe(
      String.raw`discovery deregister users --stage dev --id default --owner 'x'\''; rm -rf ~; '\''$(id)'`,
    );
  });
});

test('without a rule of trust no host is called untrusted, and everything else is found', () => {
  const records = [make({ target: 'https://api.evil.com' }), make({ service: 'Users' })];
  expect(findRecordFaults(records, [], undefined, now).map(({ check }) => check)).toEqual(['differs-in-case']);
});
