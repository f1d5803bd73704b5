import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import fc from 'fast-check';
import { readCopy, readRecord, renderInstance } from './service-instance.ts';

const read = (instance: unknown, key = 'users/one') => readRecord('dev', key, JSON.stringify(instance));

describe('a node of Curator’s service discovery', () => {
  test('is called by the first of url, URI specification, sslPort and port that may be called', () => {
    const uriSpec = {
      parts: [
        { value: 'https://', variable: false },
        { value: 'address', variable: true },
      ],
    };
    const instance = {
      address: 'a.example.com',
      port: 80,
      sslPort: 8443,
      uriSpec,
      payload: { url: 'https://b.example.com' },
    };
    expect(read(instance)?.['target']).toBe('https://b.example.com');
    expect(read({ ...instance, payload: { metadata: { url: 'https://c.example.com' } } })?.['target']).toBe(
      'https://c.example.com',
    );
    expect(read({ ...instance, payload: { url: 'http://b.example.com' } })?.['target']).toBe('https://a.example.com');
    expect(read({ ...instance, payload: null, uriSpec: null })?.['target']).toBe('https://a.example.com:8443');
    expect(read({ address: '127.0.0.1', port: 80 })?.['target']).toBe('http://127.0.0.1');
    expect(read({ address: '::1', port: 80 })?.['target']).toBe('http://[::1]');
    expect(read({ address: 'a.example.com', port: 80 })).toBeUndefined();
  });

  test('says kind, version, weight and priority in its payload, as far as they are valid', () => {
    const metadata = { version: 'v1.2.3', weight: '5', priority: 'high', kind: 'http', public: 'true', tenant: 'acme' };
    const payload = { '@class': 'org.example.Instance', id: 'x', name: 'users', metadata };
    expect(read({ address: 'a.example.com', sslPort: 443, payload })).toEqual({
      stage: 'dev',
      service: 'users',
      id: 'one',
      target: 'https://a.example.com',
      kind: 'http',
      version: '1.2.3',
      weight: 5,
    });
  });

  test('is left out when disabled, out of service, or not under a name', () => {
    const instance = { address: 'a.example.com', sslPort: 443 };
    expect(read({ ...instance, enabled: false })).toBeUndefined();
    expect(read({ ...instance, payload: { metadata: { instance_status: 'OUT_OF_SERVICE' } } })).toBeUndefined();
    expect(read({ ...instance, payload: { metadata: { instance_status: 'UP' } } })).toBeDefined();
    expect(read(instance, 'not a name/one')).toBeUndefined();
    expect(read(instance, 'users/a:1')?.['id']).toMatch(/^a-1-[\da-f]{8}$/);
  });

  test('is a copy by its mark: never read back, and its content is what was rendered without it', () => {
    const endpoint = parseEndpoint({ service: 'users', target: 'https://a.example.com', metadata: { a: '"' } }, 'dev');
    const value = renderInstance(endpoint, 'blue');
    expect(readCopy(value)).toEqual({ content: renderInstance(endpoint), mark: 'blue' });
    expect(readRecord('dev', 'users/default', value)).toBeUndefined();
    expect(parseEndpoint(readRecord('dev', 'users/default', renderInstance(endpoint)), 'dev')).toEqual(endpoint);
  });

  test('whose fields have a toString of their own is harmless', () => {
    const odd = { toString: false, valueOf: false };
    const uriSpec = { parts: [{ value: odd, variable: true }, { value: odd }, odd] };
    const details = { url: odd, version: odd, weight: odd, kind: odd, instance_status: odd };
    expect(
      read({ address: odd, port: odd, sslPort: odd, uriSpec, serviceType: odd, payload: details }),
    ).toBeUndefined();
    expect(read({ address: 'a.example.com', sslPort: odd, discovery: { url: odd } })).toBeUndefined();
  });

  test('may be anything: what is read can always be parsed, and nothing throws', () => {
    const word = fc.constantFrom('a.example.com', '__proto__', '443', 'https://a.example.com/x', '', '{scheme}');
    const loose = fc.oneof(word, fc.integer(), fc.constant(null), fc.jsonValue());
    const instance = fc.record(
      {
        address: loose,
        port: loose,
        sslPort: loose,
        uriSpec: fc.oneof(loose, fc.record({ parts: loose })),
        payload: loose,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          instance.map((one) => JSON.stringify(one)),
        ),
        (value) => {
          readCopy(value);
          const record = readRecord('dev', 'users/one', value);
          if (record) parseEndpoint(record, 'dev');
        },
      ),
    );
  });
});
