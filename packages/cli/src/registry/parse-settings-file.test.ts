import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDiscoveryError } from '@amplify-discovery/core';
import { localSettingsFile, parseSettingsFile } from './parse-settings-file.ts';

const discovery = {
  registry: { url: 'https://r.example.com/graphql', region: 'eu-west-1', auth: { mode: 'apiKey', apiKey: 'da2-x' } },
  stage: ['pr-9', 'dev'],
  trustedHosts: ['*.example.com', 'aws'],
  regions: ['eu-west-1', 'us-east-1'],
};
const expected = {
  url: 'https://r.example.com/graphql',
  region: 'eu-west-1',
  apiKey: 'da2-x',
  stages: ['pr-9', 'dev'],
  trustedHosts: ['*.example.com', 'aws'],
  regions: ['eu-west-1', 'us-east-1'],
};
const parse = (file: string, content: object) => parseSettingsFile(file, JSON.stringify(content, null, 2));

test('custom.discovery is read from amplify_outputs.json and from the Gen 1 exports', () => {
  const text = JSON.stringify({ version: '1', custom: { discovery } }, null, 2);
  for (const file of ['amplify_outputs.json', 'amplify_discovery.json', 'amplifyconfiguration.json'])
    expect(parseSettingsFile(file, text)).toEqual({ file, ...expected });
  const exported = `/* eslint-disable */\nconst awsmobile = ${text};\n\nexport default awsmobile;\n`;
  expect(parseSettingsFile('aws-exports.js', exported)).toMatchObject(expected);
});

test('one stage may be plain text, and a registry read by IAM or user pool has no key', () => {
  const iam = { registry: { ...discovery.registry, auth: { mode: 'iam' } }, stage: 'dev' };
  const settings = parse('amplify_outputs.json', { custom: { discovery: iam } });
  expect(settings).toMatchObject({ stages: ['dev'], apiKey: undefined });
});

test("the local registry's file trusts this machine only", () => {
  const keys = { accessKeyId: 'a', secretAccessKey: 's' };
  const content = { url: 'http://127.0.0.1:1/graphql', region: 'us-east-1', apiKey: 'k', ...keys };
  expect(parse(localSettingsFile, content)).toEqual({
    file: localSettingsFile,
    url: content.url,
    region: 'us-east-1',
    apiKey: 'k',
    trustedHosts: ['localhost:*', '127.0.0.1:*', '[::1]:*'],
    credentials: keys,
  });
});

test.each([
  ['amplify_outputs.json', '{"custom":{}}'],
  ['amplify_outputs.json', '{"custom":null}'],
  ['amplify_outputs.json', '{"custom":{"discovery":{"stage":"dev"}}}'],
  ['amplify_outputs.json', '[]'],
  ['amplify_outputs.json', 'null'],
  ['aws-exports.js', 'module.exports = require("./other");'],
])('a %s that names no registry is passed over: %s', (file, text) => {
  expect(parseSettingsFile(file, text)).toBeUndefined();
});

test.each([
  ['amplify_outputs.json', '{"custom":', 'amplify_outputs.json is not valid JSON'],
  ['amplify_outputs.json', '', 'amplify_outputs.json is not valid JSON'],
  [
    'amplify_outputs.json',
    JSON.stringify({ custom: { discovery: { ...discovery, trustedHost: [] } } }),
    'amplify_outputs.json: custom.discovery.trustedHost is not a known setting: there are registry, snapshot, fallbacks, stage',
  ],
  [
    'amplify_outputs.json',
    JSON.stringify({ custom: { discovery: { registry: { ...discovery.registry, url: 'http://r.example.com' } } } }),
    'amplify_outputs.json: custom.discovery.registry.url: "http://r.example.com" is not an https URL',
  ],
  [
    'amplify_outputs.json',
    JSON.stringify({ custom: { discovery: { registry: { ...discovery.registry, url: 'https://u:secret@h' } } } }),
    'amplify_outputs.json: custom.discovery.registry.url: "https://…@h" is not an https URL',
  ],
  [localSettingsFile, '{"url":"http://127.0.0.1:1"}', '.local/registry.json: region: is missing'],
  [localSettingsFile, 'x', '.local/registry.json: is not valid JSON'],
])('what is wrong in %s is refused with its path: %s', (file, text, message) => {
  expect(() => parseSettingsFile(file, text)).toThrow(
    expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }),
  );
});

test('no content makes it throw anything else, and a file is never run', () => {
  const file = fc.constantFrom('a.json', 'aws-exports.js', localSettingsFile);
  const names = ['custom', 'discovery', 'registry', 'constructor', '__proto__', 'url'];
  const nested = fc.object({ key: fc.constantFrom(...names), maxDepth: 4 }).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(file, fc.oneof(fc.string(), fc.json(), nested), (name, text) => {
      try {
        parseSettingsFile(name, text);
      } catch (error) {
        expect(isDiscoveryError(error)).toBe(true);
      }
    }),
  );
  expect(parseSettingsFile('aws-exports.js', 'throw new Error("ran");')).toBeUndefined();
});
