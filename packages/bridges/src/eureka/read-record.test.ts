import { describe, expect, test } from '@jest/globals';
import { parseEndpoint } from '@amplify-discovery/core';
import fc from 'fast-check';
import { hashApplications } from './applications.ts';
import { readApplications } from './read-applications.ts';
import { readRecord } from './read-record.ts';
import { renderInstance } from './render-instance.ts';
import { renderXml } from './render-xml.ts';

const instance = {
  app: 'USERS',
  vipAddress: 'users',
  instanceId: 'one',
  hostName: 'a.example.com',
  status: 'UP',
  port: { $: 80, '@enabled': 'true' },
  securePort: { $: 8443, '@enabled': 'true' },
};
const targetOf = (more: object) => readRecord('dev', 'any', { ...instance, ...more })?.['target'];

describe('an instance of Eureka', () => {
  test('is called by its url, its secure port with a path, or a page over https', () => {
    const plain = { securePort: { $: 443, '@enabled': 'false' } };
    expect(targetOf({})).toBe('https://a.example.com:8443');
    expect(targetOf({ metadata: { path: 'api/' } })).toBe('https://a.example.com:8443/api');
    expect(targetOf({ metadata: { url: 'https://b.example.com/x' } })).toBe('https://b.example.com/x');
    expect(targetOf({ ...plain, homePageUrl: 'https://c.example.com/prod' })).toBe('https://c.example.com/prod');
    expect(
      targetOf({ ...plain, homePageUrl: 'http://c.example.com/', statusPageUrl: 'https://d.example.com/info' }),
    ).toBe('https://d.example.com');
    expect(targetOf(plain)).toBeUndefined();
    expect(targetOf({ ...plain, hostName: 'localhost', metadata: { path: '/api' } })).toBe('http://localhost/api');
  });

  test('has the letters of its VIP address, else small ones', () => {
    const nameOf = (more: object) => readRecord('dev', 'any', { ...instance, ...more })?.['service'];
    expect(nameOf({ app: 'USERSERVICE', vipAddress: 'userService' })).toBe('userService');
    expect(nameOf({ app: 'USERSERVICE', vipAddress: 'users.example.com:80' })).toBe('userservice');
    expect(nameOf({ app: 'TWO WORDS', vipAddress: undefined })).toBeUndefined();
  });

  test('belongs to the stage that its metadata names, and is left out unless it is UP', () => {
    const read = (stageBy: 'metadata' | 'zone', metadata?: object) =>
      readRecord('dev', stageBy, { ...instance, metadata });
    expect(read('metadata', { stage: 'dev' })).toBeDefined();
    expect(read('metadata', { stage: 'prod' })).toBeUndefined();
    expect(read('metadata')).toBeUndefined();
    expect(read('zone', { zone: 'dev' })).toBeDefined();
    for (const status of ['DOWN', 'OUT_OF_SERVICE', 'STARTING', undefined]) {
      expect(readRecord('dev', 'any', { ...instance, status })).toBeUndefined();
    }
  });

  test('may be anything: what is read can always be parsed, and nothing throws', () => {
    const answer = fc.oneof(fc.jsonValue(), fc.record({ applications: fc.record({ application: fc.jsonValue() }) }));
    const record = fc.record(
      { ...Object.fromEntries(Object.keys(instance).map((key) => [key, fc.jsonValue()])), metadata: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(answer, record, fc.boolean(), (body, odd, isWhole) => {
        readApplications(body);
        const found = readRecord(
          'dev',
          'any',
          isWhole ? { ...instance, metadata: odd['metadata'] } : { ...odd, status: 'UP' },
        );
        if (found) parseEndpoint(found, 'dev');
      }),
    );
  });

  test('whose fields have a toString of their own is harmless', () => {
    const odd = { toString: false, valueOf: false };
    const all = {
      ...instance,
      metadata: { stage: 'dev', url: odd, path: odd, id: odd, version: odd, weight: odd, kind: odd },
    };
    for (const key of Object.keys(all)) readRecord('dev', 'any', { ...all, [key]: key === 'status' ? 'UP' : odd });
    const answer = {
      applications: { apps__hashcode: odd, application: { name: odd, instance: { instanceId: odd, status: odd } } },
    };
    expect(hashApplications(readApplications(answer)?.instances.values() ?? [])).toBe('_1_');
  });

  test('that the facade gives is read as the endpoint that it was', () => {
    const endpoint = parseEndpoint(
      {
        service: 'userService',
        id: 'eu',
        target: 'https://a.example.com:8443/prod',
        version: '1.2.3',
        weight: 5,
        priority: 2,
      },
      'dev',
    );
    const record = readRecord('dev', 'metadata', renderInstance(endpoint, false));
    expect(parseEndpoint(record, 'dev')).toEqual(endpoint);
  });
});

describe('Eureka’s encodings', () => {
  test('the hash counts statuses in the order of their names', () => {
    expect(hashApplications([])).toBe('');
    expect(hashApplications(['UP', 'DOWN', 'UP', 'OUT_OF_SERVICE'].map((status) => ({ status })))).toBe(
      'DOWN_1_OUT_OF_SERVICE_1_UP_2_',
    );
  });

  test('an answer of an older server has an object in place of a list with one entry', () => {
    const one = { instanceId: 'one', status: 'UP' };
    const answer = { applications: { apps__hashcode: 'UP_1_', application: { name: 'USERS', instance: one } } };
    expect([...(readApplications(answer)?.instances ?? [])]).toEqual([['USERS/one', one]]);
    expect(readApplications({})).toBeUndefined();
    expect(readApplications('text')).toBeUndefined();
  });

  test('XML has lists as repeated elements, @ as attributes, and keys of metadata as XStream writes them', () => {
    const value = {
      '@class': 'a"b',
      name: ['x', '<&>'],
      port: { $: 80, '@enabled': 'true' },
      metadata: { '@a': '\u0001b', $: 'c', __proto__x: '' },
    };
    expect(renderXml('one', value)).toBe(
      '<one class="a&quot;b"><name>x</name><name>&lt;&amp;&gt;</name><port enabled="true">80</port>' +
        '<metadata><_.0040a>b</_.0040a><_->c</_-><____proto____x></____proto____x></metadata></one>',
    );
    expect(renderXml('one', { constructor: 'x' })).toBe('<one><constructor>x</constructor></one>');
  });

  test('no key of metadata makes an element whose name a parser refuses', () => {
    expect(renderXml('metadata', { 'µ\u02bcº': 'a', 'x\u{10ffff}': 'b' })).toBe(
      '<metadata><_.00b5_.02bc_.00ba>a</_.00b5_.02bc_.00ba><x_.dbff_.dfff>b</x_.dbff_.dfff></metadata>',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) =>
        expect(renderXml('metadata', { [key]: '' })).toMatch(
          /^<metadata><([A-Za-z_][A-Za-z\d._-]*)><\/\1><\/metadata>$/,
        ),
      ),
    );
  });
});
