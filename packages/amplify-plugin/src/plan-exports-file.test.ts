import { describe, expect, test } from '@jest/globals';
import { planExportsFile } from './plan-exports-file.ts';

const outputs = {
  Stage: 'Production',
  RegistryUrl: 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql',
  RegistryRegion: 'eu-west-1',
  RegistryAuthMode: 'apiKey',
  RegistryApiKey: 'da2-abc',
};
const discovery = {
  registry: { url: outputs.RegistryUrl, region: 'eu-west-1', auth: { mode: 'apiKey', apiKey: 'da2-abc' } },
  stage: 'Production',
};

function getWritten(...args: Parameters<typeof planExportsFile>): unknown {
  const plan = planExportsFile(...args);
  return plan.do === 'write' ? JSON.parse(plan.text) : plan;
}

test('the outputs of the stack become what discover(outputs) reads', () => {
  expect(getWritten(outputs, undefined)).toEqual({ custom: { discovery } });
});

test.each(['iam', 'userPool'])('an app that reads with %s gets no key', (mode) => {
  expect(getWritten({ ...outputs, RegistryAuthMode: mode }, undefined)).toMatchObject({
    custom: { discovery: { registry: { auth: { mode } } } },
  });
});

test('trusted hosts are a list again', () => {
  expect(getWritten({ ...outputs, TrustedHosts: '*.a.example,b.example,aws' }, undefined)).toMatchObject({
    custom: { discovery: { trustedHosts: ['*.a.example', 'b.example', 'aws'] } },
  });
});

describe('snapshots', () => {
  const SnapshotUrl = 'https://cdn.example.com/{stage}.public.json';
  const key = { kid: 'k1', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };

  test('are read with the keys that sign them', () => {
    const SnapshotKeys = JSON.stringify([key, { ...key, kid: 'k2' }]);
    expect(getWritten({ ...outputs, SnapshotUrl, SnapshotKeys }, undefined)).toEqual({
      custom: {
        discovery: { ...discovery, snapshot: { url: SnapshotUrl, trustedKeys: [key, { ...key, kid: 'k2' }] } },
      },
    });
  });

  test('without signatures have no keys', () => {
    expect(getWritten({ ...outputs, SnapshotUrl, SnapshotKeys: '[]' }, undefined)).toEqual({
      custom: { discovery: { ...discovery, snapshot: { url: SnapshotUrl } } },
    });
  });

  test.each(['', '[{}]', '{}', '[', JSON.stringify([{ ...key, crv: 'P-384' }])])(
    'with keys that cannot be read are refused, not read without: %s',
    (SnapshotKeys) => {
      expect(planExportsFile({ ...outputs, SnapshotUrl, SnapshotKeys }, undefined)).toMatchObject({
        do: 'refuse',
        because: expect.stringContaining('SnapshotKeys'),
      });
    },
  );
});

test.each([
  ['a registry that only plain HTTP reaches', { RegistryUrl: 'http://registry.example/graphql' }, 'registry.url'],
  ['a registry that asks for an unknown mode', { RegistryAuthMode: 'basic' }, 'registry.auth.mode'],
  ['an API key that is missing', { RegistryApiKey: '' }, 'registry.auth.apiKey'],
  ['a host that is a URL', { TrustedHosts: 'https://api.example.com' }, 'trustedHosts.0'],
])('what the app would refuse is not written: %s', (_, more, path) => {
  expect(planExportsFile({ ...outputs, ...more }, undefined)).toEqual({
    do: 'refuse',
    because: expect.stringContaining(`custom.discovery.${path}`),
  });
});

test('everything else in the file stays', () => {
  const mine = { version: '1', custom: { mine: true, discovery: { stage: 'old' } } };
  expect(getWritten(outputs, JSON.stringify(mine))).toEqual({ version: '1', custom: { mine: true, discovery } });
});

test('a file that says the same is not written again', () => {
  const first = planExportsFile(outputs, undefined);
  expect(planExportsFile(outputs, first.do === 'write' ? first.text : '')).toEqual({ do: 'nothing' });
});

test.each(['export default {}', '[]', '"text"', '{"custom":[]}', '{"custom":7}'])(
  'a file that is not ours is left alone: %s',
  (text) => {
    expect(planExportsFile(outputs, text)).toMatchObject({ do: 'refuse' });
  },
);

test.each([undefined, {}, { ...outputs, RegistryUrl: '' }])(
  'before the first push there is nothing to write: %j',
  (found) => {
    expect(planExportsFile(found, undefined)).toEqual({ do: 'nothing' });
  },
);
