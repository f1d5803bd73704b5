import { expect, test } from '@jest/globals';
import { parseSnapshot } from '../records/snapshot.ts';
import type { SelectionCriteria } from '../selection/list-candidates.ts';
import { versionRange } from '../selection/version-range.ts';
import { explainMiss } from './explain-miss.ts';

const now = Date.UTC(2026, 0, 1);
const target = 'https://users.example.com';

function explain(records: object[], criteria: SelectionCriteria = {}, services: string[] = [], service = 'users') {
  const snapshot = parseSnapshot({ revision: 'r', endpoints: records }, 'dev', () => 'listed');
  return explainMiss({ service, criteria, snapshots: [snapshot], services, now });
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
  expect(explain(services, criteria)).toBe(` ${message}`);
});

test('a name that is nearly one of the stage’s gets that suggested', () => {
  const records = ['user-management', 'orders'].map((service) => ({ service, target }));
  expect(explain(records, {}, [], 'user-managment')).toBe(': perhaps user-management is meant');
  expect(explain(records, {}, [], 'billing')).toBe('');
});

test('an empty stage is called empty, unless only some services were asked for', () => {
  expect(explain([])).toBe(': nothing at all is registered there');
  expect(explain([], {}, ['users'])).toBe('');
});

test('a service that is never asked for is no mistake of the stage', () => {
  expect(explain([{ service: 'orders', target }], {}, ['orders', 'billing'])).toBe(
    ': only orders, billing are asked for (services)',
  );
});

test('names of Object.prototype are names like any other', () => {
  expect(explain([{ service: 'orders', target }], {}, [], 'constructor')).toBe('');
});
