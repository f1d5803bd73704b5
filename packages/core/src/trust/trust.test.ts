import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostileUrl } from '../../test/hostile-urls.ts';
import { createTrust } from './trust.ts';

describe('createTrust with a list of hosts', () => {
  const findTrust = createTrust({
    trustedHosts: [
      'good.com',
      '*.good.com',
      'ports.org:8443',
      'explicit.org:443',
      'localhost:*',
      '[::1]:3000',
      'UPPER.org',
      '10.0.0.1',
    ],
    region: 'eu-west-1',
  });

  test.each([
    'https://good.com',
    'https://good.com:443/x?y#z',
    'https://GOOD.com',
    'https://api.good.com/prod',
    'https://a.b.c.good.com',
    'wss://api.good.com',
    'https://ports.org:8443',
    'https://explicit.org',
    'https://explicit.org:443',
    'https://upper.org',
    'https://10.0.0.1',
    'https://0x0a.1',
    'http://localhost',
    'http://localhost:3000',
    'ws://localhost:80',
    'https://localhost:8443',
    'http://[::1]:3000',
    'https://g%6fod.com',
  ])('trusts %s', (url) => {
    expect(findTrust(url)).toBe('listed');
  });

  test.each([
    'https://evil.com',
    'https://good.com.evil.com',
    'https://evil-good.com',
    'https://notgood.com',
    'https://good.com.',
    'https://api.good.com.',
    'https://.good.com',
    'https://a..good.com',
    'https://good.co',
    'https://good.com:8443',
    'https://good.com:80',
    'https://good.com:0',
    'https://ports.org',
    'https://ports.org:443',
    'https://api.ports.org:8443',
    'https://api.upper.org',
    'https://10.0.0.10',
    'https://good.com@evil.com',
    'https://evil.com@good.com',
    'https://good.com:443@evil.com',
    'https://evil.com\\@good.com',
    'https://evil.com#@good.com',
    'https://evil.com?.good.com',
    'https://evil.com/.good.com',
    'https://evil.com%2f.good.com',
    'https://evil.com\uff0f.good.com',
    'https://go\u043ed.com',
    'https://xn--god-1na.com',
    'http://good.com',
    'ws://good.com',
    'http://localhost.good.com',
    'http://[::1]',
    'http://[::1]:3001',
    'javascript:alert(1)//good.com',
    'data:text/html,good.com',
    'ftp://good.com',
    '//good.com',
    'good.com',
    '',
    'https://x.execute-api.eu-west-1.amazonaws.com',
  ])('does not trust %s', (url) => {
    expect(findTrust(url)).toBeUndefined();
  });

  test('decides as URL reads it, whatever the text looks like', () => {
    expect(findTrust('https:/good.com')).toBe('listed');
    expect(new URL('https:/good.com').host).toBe('good.com');
    expect(findTrust('https://ev\til.com')).toBeUndefined();
  });

  test('trusts only URLs that really go where the patterns say', () => {
    const trust = createTrust({ trustedHosts: ['good.com', '*.good.com', 'localhost:*'] });
    let yes = 0;
    fc.assert(
      fc.property(hostileUrl, (url) => {
        if (!trust(url)) return;
        yes += 1;
        const { protocol, hostname, port, username, password } = new URL(url);
        expect([username, password]).toEqual(['', '']);
        const isLocal = hostname === 'localhost';
        expect(protocol).toMatch(isLocal ? /^(http|ws)s?:$/ : /^(https|wss):$/);
        expect(isLocal || (port === '' && /^([^.]+\.)*good\.com$/.test(hostname))).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(yes).toBeGreaterThan(20);
  });

  test('trusts nothing when the list is empty, not even AWS', () => {
    const trustNothing = createTrust({ trustedHosts: [], region: 'eu-west-1' });
    expect(trustNothing('https://x.execute-api.eu-west-1.amazonaws.com')).toBeUndefined();
  });

  test('distinguishes the default ports of http and https on this machine', () => {
    const trust = createTrust({ trustedHosts: ['localhost:443'] });
    expect([trust('https://localhost'), trust('http://localhost:443'), trust('http://localhost')]).toEqual([
      'listed',
      'listed',
      undefined,
    ]);
  });

  test.each([
    '*',
    '*.',
    '*.com',
    '*.*.com',
    'a.*.com',
    '*good.com',
    '**.good.com',
    '',
    ' ',
    '.',
    '.good.com',
    'good.com.',
    'a..com',
    'https://good.com',
    'good.com/x',
    'good.com:',
    'good.com:x',
    'good.com:443:1',
    'user@good.com',
    'good.com?',
    'go od.com',
    'go\u043ed.com',
    'good.com\n',
    '*.localhost:',
    '[::1',
    '*.[::1]',
  ])('refuses the pattern %j', (pattern) => {
    expect(() => createTrust({ trustedHosts: ['good.com', pattern] })).toThrow(
      expect.objectContaining({
        code: 'InvalidOptions',
        message: expect.stringContaining(`trustedHosts: "${pattern}"`),
      }),
    );
  });
});

const hostIn = (region: string) => `https://x.execute-api.${region}.amazonaws.com`;

describe('createTrust without a list', () => {
  const findTrust = createTrust({ region: 'eu-west-1' });

  test.each([
    'https://abc123.execute-api.eu-west-1.amazonaws.com/prod',
    'https://abc-vpce-1.execute-api.eu-west-1.amazonaws.com',
    'wss://abc.execute-api.eu-west-1.amazonaws.com/prod',
    'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql',
    'wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com',
    'https://abc.lambda-url.eu-west-1.on.aws',
    'https://orders.x7k2.lambda-web.eu-west-1.on.aws',
  ])('trusts %s for calls without replayable credentials', (url) => {
    expect(findTrust(url)).toBe('derived');
  });

  test.each([
    'https://execute-api.eu-west-1.amazonaws.com',
    'https://.execute-api.eu-west-1.amazonaws.com',
    'https://x.execute-api.eu-west-1.amazonaws.com.evil.com',
    'https://x.execute-api.eu-west-1.amazonaws.com.',
    'https://x.execute-api.eu-west-1.amazonaws.com:8443',
    'https://x.execute-api.eu-west-1.amazonaws.com.cn.evil.com',
    'https://xexecute-api.eu-west-1.amazonaws.com',
    'https://evil.com/x.execute-api.eu-west-1.amazonaws.com',
    'https://x.execute-api.eu-west-1.amazonaws.com@evil.com',
    'https://u@x.execute-api.eu-west-1.amazonaws.com',
    'https://x.execute-api.eu-west-1xamazonaws.com',
    'https://x.execute-api.eu-west-2.amazonaws.com',
    'https://x.execute-api.eu-west-11.amazonaws.com',
    'https://x.execute-api.amazonaws.com',
    'https://x.s3.eu-west-1.amazonaws.com',
    'https://x.lambda-url.eu-west-1.amazonaws.com',
    'https://x.lambda-url.eu-west-1.on.aws.evil.com',
    'https://lambda-url.eu-west-1.on.aws',
    'http://x.execute-api.eu-west-1.amazonaws.com',
    'https://orders.lambda-web.global.on.aws',
    'http://localhost:3000',
    'https://good.com',
  ])('does not trust %s', (url) => {
    expect(findTrust(url)).toBeUndefined();
  });

  test('trusts China under its own domain', () => {
    expect(createTrust({ region: 'cn-north-1' })('https://x.execute-api.cn-north-1.amazonaws.com.cn')).toBe('derived');
  });

  test('trusts no other region than its own', () => {
    const region = fc.stringMatching(/^[a-z]{2}-[a-z]{4,9}-[1-9]$/);
    fc.assert(
      fc.property(region, region, (own, other) => {
        const trust = createTrust({ region: own })(`https://x.execute-api.${other}.amazonaws.com`);
        expect(trust).toBe(own === other ? 'derived' : undefined);
      }),
    );
  });

  test('trusts only hosts under AWS', () => {
    const hosts = /^[\w-]+\.((execute|appsync)-api\.eu-west-1\.amazonaws\.com|lambda-url\.eu-west-1\.on\.aws)$/;
    const trusted = fc.sample(hostileUrl, 5000).filter(findTrust);
    expect(trusted.length).toBeGreaterThan(5);
    for (const url of trusted) expect(new URL(url).host).toMatch(hosts);
  });

  test('with several regions trusts the API domains of those', () => {
    const trust = createTrust({ region: 'eu-west-1', regions: ['eu-west-1', 'us-east-1'] });
    expect(['eu-west-1', 'us-east-1', 'us-west-2'].map((region) => trust(hostIn(region)))).toEqual([
      'derived',
      'derived',
      undefined,
    ]);
  });

  test.each([{}, { region: undefined }, { region: '' }])('trusts nothing with %p', (options) => {
    const trustNothing = createTrust(options);
    for (const host of [
      'x.execute-api..amazonaws.com',
      'x.execute-api.undefined.amazonaws.com',
      'x.execute-api.eu-west-1.amazonaws.com',
    ]) {
      expect(trustNothing(`https://${host}`)).toBeUndefined();
    }
  });

  test.each(['.*', 'eu-west-1|evil', 'eu.west', 'eu-west-1.amazonaws.com.evil', '(', 'EU-WEST-1', 'eu west'])(
    'refuses the region %j',
    (region) => {
      expect(() => createTrust({ region })).toThrow(
        expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(`region: "${region}"`) }),
      );
    },
  );
});

describe('entries for AWS in a list', () => {
  test('add its API domains in the registry’s regions to the list', () => {
    const trust = createTrust({ trustedHosts: ['*.good.com', 'aws'], region: 'eu-west-1' });
    expect(trust('https://api.good.com')).toBe('listed');
    expect(trust(hostIn('eu-west-1'))).toBe('derived');
    expect(trust(hostIn('us-east-1'))).toBeUndefined();
    expect(trust('https://evil.com')).toBeUndefined();
    const several = createTrust({ trustedHosts: ['aws'], region: 'eu-west-1', regions: ['us-east-1'] });
    expect([several(hostIn('us-east-1')), several(hostIn('eu-west-1'))]).toEqual(['derived', undefined]);
  });

  test('may name a region, and then mean that one alone', () => {
    const trust = createTrust({ trustedHosts: ['good.com', 'aws:us-east-1', 'aws:global'], region: 'eu-west-1' });
    expect(trust(hostIn('us-east-1'))).toBe('derived');
    expect(trust(hostIn('eu-west-1'))).toBeUndefined();
    expect(trust('https://orders.lambda-web.global.on.aws')).toBe('derived');
  });

  test('leave a host that is listed as well listed', () => {
    const trust = createTrust({ trustedHosts: ['x.execute-api.eu-west-1.amazonaws.com', 'aws'], region: 'eu-west-1' });
    expect([trust(hostIn('eu-west-1')), trust('https://y.execute-api.eu-west-1.amazonaws.com')]).toEqual([
      'listed',
      'derived',
    ]);
  });

  test('add nothing where no region is known', () => {
    expect(createTrust({ trustedHosts: ['aws'] })(hostIn('eu-west-1'))).toBeUndefined();
  });

  test.each(['aws:', 'aws:*.evil', 'AWS:eu', 'aws:eu west', 'aws:eu-west-1:443', '*.aws'])('refuses %j', (entry) => {
    expect(() => createTrust({ trustedHosts: [entry], region: 'eu-west-1' })).toThrow(
      expect.objectContaining({ code: 'InvalidOptions' }),
    );
  });
});
