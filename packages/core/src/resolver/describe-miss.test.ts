import { expect, test } from '@jest/globals';
import { parseSnapshot } from '../records/snapshot.ts';
import type { SelectionCriteria } from '../selection/list-candidates.ts';
import { versionRange } from '../selection/version-range.ts';
import { describeMiss } from './describe-miss.ts';

const now = Date.UTC(2026, 0, 1);
const target = 'https://users.example.com';

function describe(records: object[], criteria: SelectionCriteria = {}, services: string[] = [], service = 'users') {
  const snapshot = parseSnapshot({ revision: 'r', endpoints: records }, 'dev', () => 'listed');
  return describeMiss({ service, criteria, snapshots: [snapshot], services, now });
}

test.each<[string, object[], SelectionCriteria]>([
  [
    'has a version in ^2: there are 1.4.2, 1.3.0',
    [{ version: '1.4.2' }, { version: '1.3.0' }],
    { version: versionRange('^2') },
  ],
  ['has a version in ^2: there are 1.4.2', [{ version: '1.4.2', tenant: 'acme' }], { version: versionRange('^2') }],
  ['has a version in >=1: there are no version', [{}], { version: versionRange('>=1') }],
  ['has the id blue: there are default, green', [{}, { id: 'green' }], { id: 'blue' }],
  ['is left: it has expired', [{ expiresAt: now }], {}],
  ['is for the tenant acme, or for all', [{ tenant: 'other' }], { tenant: 'acme' }],
  ['is for callers without a tenant', [{ tenant: 'other' }], {}],
])('%s', (message, records, criteria) => {
  const services = records.map((record) => ({ service: 'users', target, ...record }));
  expect(describe(services, criteria)).toBe(`No endpoint of "users" in "dev" ${message}`);
});

test('a name that is nearly one of the stage’s gets that suggested', () => {
  const records = ['user-management', 'orders'].map((service) => ({ service, target }));
  expect(describe(records, {}, [], 'user-managment')).toBe(
    'No endpoint of "user-managment" in "dev": perhaps user-management is meant',
  );
  expect(describe(records, {}, [], 'billing')).toBe('No endpoint of "billing" in "dev"');
});

test('an empty stage is called empty, unless only some services were asked for', () => {
  expect(describe([])).toBe('No endpoint of "users" in "dev": nothing at all is registered there');
  expect(describe([], {}, ['users'])).toBe('No endpoint of "users" in "dev"');
});

test('a service that is never asked for is no mistake of the stage', () => {
  expect(describe([{ service: 'orders', target }], {}, ['orders', 'billing'])).toBe(
    'No endpoint of "users" in "dev": only orders, billing are asked for (services)',
  );
});

test('names of Object.prototype are names like any other', () => {
  expect(describe([{ service: 'orders', target }], {}, [], 'constructor')).toBe(
    'No endpoint of "constructor" in "dev"',
  );
});
