import { describe, expect, test } from '@jest/globals';
import { chooseRegistry } from './choose-registry.ts';
import type { FileSettings } from './parse-settings-file.ts';

const outputs: FileSettings = {
  file: 'amplify_outputs.json',
  url: 'https://abc.appsync-api.eu-west-1.amazonaws.com/graphql',
  region: 'eu-west-1',
  apiKey: 'key-of-outputs',
  stages: ['main'],
};
const local: FileSettings = {
  file: '.local/registry.json',
  url: 'http://127.0.0.1:20002/graphql',
  region: 'us-east-1',
  apiKey: 'key-of-local',
  credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'secret' },
};
const files = [outputs, local];
const nothing = { local: false };

describe('which registry', () => {
  test('an option wins over the environment, the environment over files, and outputs over the local registry', () => {
    const env = { DISCOVERY_REGISTRY_URL: 'https://env.example.com/graphql' };
    const explicit = { ...nothing, registry: 'https://option.example.com/graphql' };
    expect(chooseRegistry(explicit, env, files)).toMatchObject({ url: explicit.registry, origin: '--registry' });
    expect(chooseRegistry(nothing, env, files)).toMatchObject({
      url: env.DISCOVERY_REGISTRY_URL,
      origin: 'DISCOVERY_REGISTRY_URL',
    });
    expect(chooseRegistry(nothing, {}, files)).toMatchObject({ url: outputs.url, origin: outputs.file });
    expect(chooseRegistry(nothing, {}, [local])).toMatchObject({ url: local.url, origin: local.file });
  });

  test('--local means the local registry, its key and its credentials, whatever the environment says', () => {
    const env = { DISCOVERY_REGISTRY_URL: 'https://env.example.com', DISCOVERY_API_KEY: 'key-of-env' };
    expect(chooseRegistry({ local: true }, env, files)).toMatchObject({
      url: local.url,
      apiKey: 'key-of-local',
      credentials: local.credentials,
    });
    expect(() => chooseRegistry({ local: true }, {}, [outputs])).toThrow('discovery dev');
  });

  test('without any the message names every way to say it', () => {
    expect(() => chooseRegistry(nothing, {}, [])).toThrow(
      /--registry or DISCOVERY_REGISTRY_URL.*amplify_outputs\.json.*discovery dev/,
    );
  });

  test.each([
    'http://registry.example.com/graphql',
    'nope',
    'https://user:pw@registry.example.com',
    'file:///etc/passwd',
  ])('%s is refused', (registry) => {
    expect(() => chooseRegistry({ ...nothing, registry }, {}, files)).toThrow('--registry');
  });
});

describe('what goes with it', () => {
  test("a file's key and credentials never go to a registry that the file doesn't name", () => {
    const elsewhere = chooseRegistry({ ...nothing, registry: 'https://elsewhere.example.com/graphql' }, {}, files);
    expect(elsewhere).toMatchObject({
      apiKey: undefined,
      credentials: undefined,
      stages: undefined,
      trustedHosts: undefined,
    });
    const byEnv = chooseRegistry(nothing, { DISCOVERY_REGISTRY_URL: 'https://elsewhere.example.com' }, files);
    expect(byEnv).toMatchObject({ apiKey: undefined, credentials: undefined });
  });

  test('they complete the same registry named in another way', () => {
    expect(chooseRegistry({ ...nothing, registry: local.url }, {}, files)).toMatchObject({
      apiKey: 'key-of-local',
      credentials: local.credentials,
    });
  });

  test("an explicit key wins over the environment's, and that over the file's", () => {
    const env = { DISCOVERY_API_KEY: 'key-of-env', DISCOVERY_REGISTRY_URL: outputs.url };
    expect(chooseRegistry({ ...nothing, 'api-key': 'key' }, env, files).apiKey).toBe('key');
    expect(chooseRegistry(nothing, env, files).apiKey).toBe('key-of-env');
    expect(chooseRegistry(nothing, { DISCOVERY_REGISTRY_URL: outputs.url }, files).apiKey).toBe('key-of-outputs');
  });

  test("the environment's key never goes to a registry that only a file in the folder names", () => {
    const env = { DISCOVERY_API_KEY: 'key-of-env' };
    expect(chooseRegistry(nothing, env, files).apiKey).toBe('key-of-outputs');
    expect(
      chooseRegistry(nothing, env, [{ file: 'amplify_outputs.json', url: 'https://evil.example.com' }]).apiKey,
    ).toBeUndefined();
  });

  test("the region is the option's, the URL's, the file's, then the environment's", () => {
    const env = { AWS_REGION: 'ap-south-1', AWS_DEFAULT_REGION: 'sa-east-1' };
    expect(chooseRegistry({ ...nothing, region: 'us-west-2' }, env, files).region).toBe('us-west-2');
    expect(chooseRegistry(nothing, env, files).region).toBe('eu-west-1');
    expect(chooseRegistry({ local: true }, env, files).region).toBe('us-east-1');
    const registry = 'https://registry.example.com/graphql';
    expect(chooseRegistry({ ...nothing, registry }, env, files).region).toBe('ap-south-1');
    expect(
      chooseRegistry({ ...nothing, registry }, { AWS_REGION: '', AWS_DEFAULT_REGION: 'sa-east-1' }, files).region,
    ).toBe('sa-east-1');
  });

  test('DISCOVERY_STAGE may list stages and wins over the file', () => {
    expect(chooseRegistry(nothing, { DISCOVERY_STAGE: 'pr-9,main' }, files).stages).toEqual(['pr-9', 'main']);
    expect(chooseRegistry(nothing, {}, files).stages).toEqual(['main']);
    expect(() => chooseRegistry(nothing, { DISCOVERY_STAGE: 'a/b' }, files)).toThrow('DISCOVERY_STAGE');
  });
});
