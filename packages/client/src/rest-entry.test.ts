import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import fc from 'fast-check';
import { findOrigin, markEntry, toRestEntry, type RestEntry } from './rest-entry.ts';

const url = fc.domain().map((host) => `https://${host}/prod`);
const text = fc.oneof(fc.string(), url, fc.constantFrom('eu-west-1', 'execute-api', 'discovered', ''));
const entry = fc.record({ endpoint: text, region: text, service: text }, { requiredKeys: ['endpoint'] });
const marked = fc.tuple(fc.constantFrom('discovered' as const, 'generated' as const), entry);

/** What a configuration goes through between `discover` and a call. */
const journeys: Record<string, (value: RestEntry) => RestEntry> = {
  nothing: (value) => value,
  JSON: (value) => JSON.parse(JSON.stringify(value)) as RestEntry,
  'structured cloning': (value) => structuredClone(value),
  spreading: (value) => ({ ...value }),
  freezing: (value) => Object.freeze({ ...value }),
};

describe('the mark of an entry', () => {
  test.each(Object.keys(journeys))('survives %s', (name) => {
    fc.assert(
      fc.property(marked, ([origin, value]) => {
        expect(findOrigin((journeys[name] as (value: RestEntry) => RestEntry)(markEntry(origin, value)))).toBe(origin);
      }),
    );
  });

  test('leaves what Amplify reads as it is', () => {
    fc.assert(
      fc.property(marked, ([origin, value]) => {
        expect(markEntry(origin, value)).toMatchObject(value);
      }),
    );
  });

  test('is lost when the app changes what Amplify reads, because the entry is the app’s own then', () => {
    fc.assert(
      fc.property(marked, entry, ([origin, value], change) => {
        const changed = { ...markEntry(origin, value), ...change };
        const isChanged = (['endpoint', 'region', 'service'] as const).some((key) => changed[key] !== value[key]);
        expect(findOrigin(changed)).toBe(isChanged ? 'own' : origin);
      }),
    );
  });

  test('is never on an entry that something else wrote, whatever its content', () => {
    fc.assert(
      fc.property(entry, fc.oneof(fc.anything(), text), (value, origin) => {
        expect(findOrigin({ ...value, origin } as never)).toBe('own');
      }),
    );
  });
});

test.each(['rest', 'http', 'graphql'])('an endpoint of kind %s is an entry, marked as discovered', (kind) => {
  const endpoint = parseEndpoint({ service: 'users', kind, target: 'https://users.test/prod' }, 'Production');
  const found = toRestEntry(endpoint, 'eu-west-1') as RestEntry;
  expect(found).toMatchObject({ endpoint: 'https://users.test/prod', region: 'eu-west-1' });
  expect(findOrigin(found)).toBe('discovered');
});

test.each(['function', 'resource', 'events', 'websocket'])('an endpoint of kind %s is not an entry', (kind) => {
  const target = /function|resource/.test(kind) ? 'arn:aws:lambda:eu-west-1:123456789012:function:f' : 'wss://a.test';
  expect(toRestEntry(parseEndpoint({ service: 'a', kind, target }, 'Production'), undefined)).toBeUndefined();
});
