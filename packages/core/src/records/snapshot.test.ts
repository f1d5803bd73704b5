import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyValue } from '../../test/hostile-values.ts';
import { isDiscoveryError } from '../discovery-error.ts';
import { parseSnapshot } from './snapshot.ts';
import { createTrust } from '../trust/trust.ts';

const findTrust = createTrust({ trustedHosts: ['*.example.com'] });
const good = { service: 'users', target: 'https://users.example.com' };
const foreign = { service: 'orders', target: 'https://orders.evil.com/x' };

describe('parseSnapshot', () => {
  test('groups endpoints by service in the order of the answer', () => {
    const endpoints = [
      { ...good, id: 'b' },
      { ...good, service: 'orders' },
      { ...good, id: 'a' },
    ];
    const snapshot = parseSnapshot({ revision: 'r1', endpoints }, 'dev', findTrust);
    expect(snapshot).toMatchObject({ stage: 'dev', revision: 'r1', rejected: [] });
    expect([...snapshot.services].map(([name, found]) => [name, found.map(({ id }) => id)])).toEqual([
      ['users', ['b', 'a']],
      ['orders', ['default']],
    ]);
  });

  test('keeps a service named like a member of Object.prototype apart', () => {
    const endpoints = [
      { ...good, service: '__proto__' },
      { ...good, service: 'constructor' },
    ];
    const { services } = parseSnapshot({ revision: 'r1', endpoints }, 'dev', findTrust);
    expect([...services.keys()]).toEqual(['__proto__', 'constructor']);
  });

  test('leaves out an endpoint on a host that is not trusted, and says which', () => {
    const { services, rejected } = parseSnapshot({ revision: 'r1', endpoints: [foreign, good] }, 'dev', findTrust);
    expect([...services.keys()]).toEqual(['users']);
    expect(rejected).toMatchObject([
      {
        code: 'UntrustedEndpoint',
        service: 'orders',
        stage: 'dev',
        message: expect.stringContaining('orders.evil.com'),
      },
    ]);
  });

  test('leaves out what was read from another system unless its host is listed', () => {
    const metadata = { 'discovery.origin': 'cloud-map:internal' };
    const target = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';
    const function_ = 'arn:aws:lambda:eu-west-1:123456789012:function:users';
    const endpoints = [
      { service: 'own', target },
      { service: 'foreign', target, metadata },
      { service: 'listed', target: good.target, metadata },
      { service: 'function', kind: 'function', target: function_, metadata },
    ];
    const trust = createTrust({ trustedHosts: ['aws', new URL(good.target).host], region: 'eu-west-1' });
    const { services, rejected } = parseSnapshot({ revision: 'r1', endpoints }, 'dev', trust);
    expect([...services.keys()]).toEqual(['own', 'listed']);
    expect(rejected.map(({ code, service }) => [code, service])).toEqual([
      ['UntrustedEndpoint', 'foreign'],
      ['UntrustedEndpoint', 'function'],
    ]);
  });

  test('takes ARNs, which name no host, but only for functions and resources', () => {
    const target = 'arn:aws:lambda:eu-west-1:123456789012:function:users';
    const endpoints = [
      { service: 'users', kind: 'function', target },
      { service: 'orders', kind: 'rest', target },
    ];
    const { services, rejected } = parseSnapshot({ revision: 'r1', endpoints }, 'dev', findTrust);
    expect(services.get('users')).toMatchObject([{ kind: 'function', target }]);
    expect(rejected).toMatchObject([{ code: 'InvalidRecord', service: 'orders' }]);
  });

  test('unfolds a record that storage kept folded at its first use, and no sooner', () => {
    let unfolded = 0;
    const folded = (record: { service: string }) => ({ service: record.service, toJSON: () => (unfolded++, record) });
    const broken = {
      service: 'broken',
      toJSON() {
        throw new SyntaxError('half of it');
      },
    };
    const endpoints = [folded(good), folded(foreign), broken];
    const snapshot = parseSnapshot({ revision: 'r1', endpoints }, 'dev', findTrust);
    expect(unfolded).toBe(0);
    expect(snapshot.find('users').endpoints).toMatchObject([good]);
    expect(snapshot.find('broken').rejected).toMatchObject([{ code: 'InvalidRecord', service: 'broken' }]);
    expect(unfolded).toBe(1);
    expect(snapshot.find('orders').rejected).toMatchObject([{ code: 'UntrustedEndpoint' }]);
  });

  test('lets no bad record spoil the others', () => {
    fc.assert(
      fc.property(fc.array(anyValue), fc.nat(), (hostile, at) => {
        const endpoints = [...hostile.slice(0, at), good, ...hostile.slice(at)];
        const { services, rejected } = parseSnapshot({ revision: 'r1', endpoints }, 'dev', findTrust);
        expect(services.get('users')).toHaveLength(1);
        expect(rejected).toHaveLength(hostile.length);
        expect(rejected.every(isDiscoveryError)).toBe(true);
      }),
    );
  });

  test.each([
    [null],
    [undefined],
    ['text'],
    [{}],
    [{ revision: 'r1' }],
    [{ revision: 'r1', endpoints: 'text' }],
    [{ revision: 'r1', endpoints: { length: 1 } }],
    [{ revision: 1, endpoints: [] }],
    [{ revision: 'r1', unchanged: true }],
  ])('refuses %j as a whole', (answer) => {
    expect(() => parseSnapshot(answer, 'dev', findTrust)).toThrow(
      expect.objectContaining({ code: 'RegistryUnavailable', stage: 'dev', retryable: true }),
    );
  });

  test('never throws anything but RegistryUnavailable', () => {
    const answer = fc.oneof(
      anyValue,
      fc.record({ revision: anyValue, endpoints: fc.oneof(anyValue, fc.array(anyValue)) }),
    );
    fc.assert(
      fc.property(answer, (input) => {
        try {
          parseSnapshot(input, 'dev', findTrust);
        } catch (error) {
          expect(isDiscoveryError(error) && error.code).toBe('RegistryUnavailable');
        }
      }),
      { numRuns: 500 },
    );
  });
});
