import { describe, expect, test } from '@jest/globals';
import { readConfig } from './read-config.ts';

const defaults = { service: 'users', stage: 'dev' };
const read = (custom: unknown) => readConfig(custom, defaults);

describe('what is registered', () => {
  test('by default the one API under the name and the stage of the Serverless service', () => {
    expect(read({ registry: 'main' })).toEqual({
      registrar: { by: 'name', name: 'main', alias: undefined },
      stage: 'dev',
      endpoints: [{ service: 'users', id: 'default' }],
      advice: [],
    });
  });

  test('names, stage and settings can be given', () => {
    const { stage, endpoints } = read({
      registry: 'main',
      service: 'user-management',
      stage: 'Production',
      id: 'eu',
      version: '1.4.2',
      httpApi: true,
    });
    expect(stage).toBe('Production');
    expect(endpoints).toEqual([{ service: 'user-management', id: 'eu', version: '1.4.2', httpApi: true }]);
  });

  test('several endpoints share the settings that they do not give themselves', () => {
    const { endpoints } = read({
      registry: 'main',
      version: '1.0.0',
      endpoints: [{ restApi: true }, { service: 'hooks', functionUrl: 'hook', version: '2.0.0' }],
    });
    expect(endpoints).toEqual([
      { service: 'users', id: 'default', version: '1.0.0', restApi: true },
      { service: 'hooks', id: 'default', version: '2.0.0', functionUrl: 'hook' },
    ]);
  });

  test('a time may be quoted or not', () => {
    const expiresAt = '2030-01-31T12:00:00.000Z';
    expect(read({ registry: 'main', expiresAt }).endpoints[0]).toMatchObject({ expiresAt });
    expect(read({ registry: 'main', expiresAt: new Date(expiresAt) }).endpoints[0]).toMatchObject({ expiresAt });
  });

  test('a target may be anything that CloudFormation resolves', () => {
    const target = { 'Fn::ImportValue': 'users-url' };
    expect(read({ registry: 'main', target }).endpoints[0]).toMatchObject({ target });
  });

  test.each([
    [{ target: 'http://users.example.com' }, 'target must be an absolute https:// URL'],
    [{ target: 'https://users.example.com?x=1' }, 'target must be an absolute https:// URL'],
    [
      { service: 'us/ers' },
      'service must be 1 to 128 of A-Z a-z 0-9 . _ - and must not start with a dot: it is "us/ers"',
    ],
    [{ stage: 'a b' }, 'stage must be'],
    [{ version: '1' }, 'version must be a semantic version such as 1.4.2: it is "1"'],
    [{ weight: 1001 }, 'weight must be a whole number from 0 to 1000'],
    [{ priority: -1 }, 'priority must be a whole number from 0 to 65535'],
    [{ public: 'yes' }, 'public must be true or false'],
    [{ tenant: '' }, 'tenant must be 1 to 128'],
    [{ kind: 'soap' }, 'kind must be rest, http'],
    [{ metadata: ['x'] }, 'metadata must be a map of text to text'],
    [{ expiresAt: 'soon' }, 'expiresAt must be a time in ISO 8601'],
    [{ takeover: 'yes' }, 'takeover must be true or false'],
    [{ renew: 'daily' }, 'renew must be true or false'],
    [{ restApi: true, httpApi: true }, 'give one of restApi, httpApi'],
    [{ servce: 'x' }, 'custom.discovery has no key "servce"'],
    [{ endpoints: [] }, 'endpoints must be a list'],
    [JSON.parse('{"__proto__":{"weight":1}}') as object, 'custom.discovery has no key "__proto__"'],
    [{ constructor: 'x' }, 'custom.discovery has no key "constructor"'],
    [{ trustedHost: 'x' }, 'custom.discovery has no key "trustedHost": there are'],
    [{ verison: '1.0.0' }, 'custom.discovery has no key "verison": perhaps version was meant'],
    [{ endpoints: [{}, null, 'httpApi'] }, 'endpoints[1] must be a map of settings: it is null'],
    [{ endpoints: {} }, 'endpoints must be a list'],
    [{ restApi: true, endpoints: [{}] }, 'restApi belongs in an entry of endpoints'],
    [{ endpoints: [{ restApi: true }, { httpApi: true }] }, 'users/default is registered twice'],
    [{ endpoints: [{ api: true }] }, 'endpoints[0] has no key "api"'],
    [{ endpoints: [{ id: 'a' }, { id: 'b', version: 'x' }] }, 'endpoints[1].version must be'],
  ])('%j is refused: %s', (custom, message) => {
    expect(() => read({ registry: 'main', ...custom })).toThrow(message);
  });

  test('all faults are reported at once', () => {
    expect(() => read({ version: 'x', weight: -1, registry: 'a/b' })).toThrow(/version.*weight.*registry must be/);
  });
});

test('a kind that is called by its ARN is one, and names may be those of kinds', () => {
  const { endpoints } = read({
    registry: 'main',
    endpoints: [{ id: 'function', kind: 'function' }, { id: 'resource' }],
  });
  expect(endpoints.map(({ id }) => id)).toEqual(['function', 'resource']);
});

describe('where it is registered', () => {
  test.each([undefined, null, {}, { registry: null, registrar: null }])(
    'by default with the registrar of the registry "default": %j',
    (custom) => {
      expect(read(custom).registrar).toEqual({ by: 'name', name: 'default', alias: undefined });
    },
  );

  test('with the registrar of a named registry, an alias of it, an ARN, or what CloudFormation resolves', () => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';
    expect(read({ registry: 'main', registrarAlias: 'scope-users' }).registrar).toEqual({
      by: 'name',
      name: 'main',
      alias: 'scope-users',
    });
    expect(read({ registrar: arn }).registrar).toEqual({ by: 'value', value: arn });
    expect(read({ registrar: `${arn}:scope-users` }).registrar).toEqual({ by: 'value', value: `${arn}:scope-users` });
    expect(read({ registrar: { 'Fn::ImportValue': 'registrar' } }).registrar).toEqual({
      by: 'value',
      value: { 'Fn::ImportValue': 'registrar' },
    });
  });

  test.each([
    ['main', 'custom.discovery must be a map of settings: it is "main"'],
    [[{ registry: 'main' }], 'custom.discovery must be a map of settings'],
    [{ registry: 'main', registrar: {} }, 'give registry or registrar, not both'],
    [{ registry: 'a/b' }, 'registry must be the name'],
    [{ registrar: 'https://registrar.example.com' }, 'registrar must be the ARN of a function'],
    [{ registrar: {}, registrarAlias: 'x' }, 'registrarAlias must be the name of an alias of the registrar'],
  ])('%j is refused: %s', (custom, message) => {
    expect(() => read(custom)).toThrow(message);
  });
});

describe("the predecessor's keys", () => {
  test('version, externalID and serviceURL are read', () => {
    const { endpoints, advice } = read({
      registry: 'main',
      version: '1.0.0',
      externalID: 'acme',
      serviceURL: 'https://users.example.com',
    });
    expect(endpoints).toEqual([
      { service: 'users', id: 'default', version: '1.0.0', tenant: 'acme', target: 'https://users.example.com' },
    ]);
    expect(advice).toEqual(['externalID is read as tenant: rename it', 'serviceURL is read as target: rename it']);
  });

  test('a serviceURL with properties is metadata', () => {
    expect(read({ registry: 'main', serviceURL: { jobName: 'x' } }).endpoints[0]).toMatchObject({
      metadata: { jobName: 'x' },
    });
  });

  test('our own names win', () => {
    expect(read({ registry: 'main', externalID: 'old', tenant: 'new' }).endpoints[0]).toMatchObject({ tenant: 'new' });
  });

  test('discoveryServiceUri alone says what to write instead', () => {
    expect(() => read({ discoveryServiceUri: 'https://x.execute-api.us-east-1.amazonaws.com/dev' })).toThrow(
      'write registry: NAME',
    );
    expect(read({ registry: 'main', discoveryServiceUri: 'https://x' }).advice).toEqual([
      expect.stringContaining('instead of discoveryServiceUri'),
    ]);
  });

  test('what has no equivalent is reported, and a secret is never repeated', () => {
    const custom = {
      registry: 'main',
      accessKeyId: 'AKIA',
      secretAccessKey: 'hunter2',
      deployHandler: 'a.b',
      removeHandler: 'a.c',
      file: 'out.toml',
    };
    const { advice, endpoints } = read(custom);
    expect(advice.map((text) => text.split(':', 1)[0])).toEqual([
      'accessKeyId',
      'secretAccessKey',
      'deployHandler',
      'removeHandler',
      'file',
    ]);
    expect(JSON.stringify([advice, endpoints])).not.toMatch(/hunter2|AKIA/);
  });
});
