import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSettingsFile } from './parse-settings-file.ts';

const discovery = {
  registry: { url: 'https://r.example.com/graphql', region: 'eu-west-1', auth: { mode: 'apiKey', apiKey: 'da2-x' } },
  stage: ['pr-9', 'dev'],
  trustedHosts: ['*.example.com'],
};
const expected = {
  url: 'https://r.example.com/graphql',
  region: 'eu-west-1',
  apiKey: 'da2-x',
  stages: ['pr-9', 'dev'],
  trustedHosts: ['*.example.com'],
};

test('custom.discovery is read from amplify_outputs.json and from the Gen 1 exports', () => {
  const text = JSON.stringify({ version: '1', custom: { discovery } }, null, 2);
  expect(parseSettingsFile('amplify_outputs.json', text)).toMatchObject(expected);
  expect(
    parseSettingsFile(
      'aws-exports.js',
      `/* eslint-disable */\nconst awsmobile = ${text};\n\nexport default awsmobile;\n`,
    ),
  ).toMatchObject(expected);
});

test('a file of its own holds the same value at the top', () => {
  expect(parseSettingsFile('amplify_discovery.json', JSON.stringify(discovery))).toMatchObject(expected);
  expect(parseSettingsFile('amplify_discovery.json', JSON.stringify({ discovery }))).toMatchObject(expected);
});

test('one stage may be plain text, and a registry read by IAM or user pool has no key', () => {
  const iam = { registry: { ...discovery.registry, auth: { mode: 'iam', apiKey: 'ignored' } }, stage: 'dev' };
  expect(parseSettingsFile('f.json', JSON.stringify(iam))).toMatchObject({ stages: ['dev'], apiKey: undefined });
});

test("the local registry's credentials file is recognised and trusts this machine only", () => {
  const content = {
    url: 'http://127.0.0.1:1/graphql',
    region: 'us-east-1',
    apiKey: 'k',
    accessKeyId: 'a',
    secretAccessKey: 's',
  };
  expect(parseSettingsFile('.local/registry.json', JSON.stringify(content))).toEqual({
    file: '.local/registry.json',
    url: content.url,
    region: 'us-east-1',
    apiKey: 'k',
    trustedHosts: ['localhost:*', '127.0.0.1:*', '[::1]:*'],
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
});

test.each([
  '',
  '{',
  '[]',
  'null',
  '{"custom":{}}',
  '{"custom":{"discovery":{"registry":{}}}}',
  '{"custom":null,"registry":7}',
])('a file that says nothing about discovery is passed over: %s', (text) => {
  expect(parseSettingsFile('amplify_outputs.json', text)).toBeUndefined();
});

test('no content makes it throw, and a file is never run', () => {
  const file = fc.constantFrom('a.json', 'aws-exports.js');
  fc.assert(fc.property(file, fc.oneof(fc.string(), fc.json()), (name, text) => void parseSettingsFile(name, text)));
  expect(parseSettingsFile('aws-exports.js', 'throw new Error("ran");')).toBeUndefined();
});
