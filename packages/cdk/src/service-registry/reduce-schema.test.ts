import { expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { reduceSchema } from './reduce-schema.ts';

const { schema } = registryDefinition;

test('a schema for all modes is the registry\u2019s own, byte for byte', () => {
  expect(reduceSchema(schema, ['iam', 'apiKey', 'userPool'])).toBe(schema);
});

test('a directive of a mode that the API lacks is gone, the others and the subscription stay', () => {
  const reduced = reduceSchema(schema, ['iam', 'apiKey']);
  expect(reduced).not.toContain('@aws_cognito_user_pools');
  expect(reduced.match(/@aws_api_key/g)).toEqual(schema.match(/@aws_api_key/g));
  expect(reduced.match(/@aws_iam/g)).toEqual(schema.match(/@aws_iam/g));
  expect(reduced).toContain('@aws_subscribe(mutations: ["registerEndpoint", "deregisterEndpoint"])');
});

test('writing and the owner stay closed to all but IAM, whatever the modes', () => {
  for (const modes of [['iam'], ['iam', 'apiKey'], ['iam', 'userPool'], ['iam', 'apiKey', 'userPool']] as const) {
    const lines = reduceSchema(schema, modes).split('\n');
    const closed = lines.filter((line) =>
      /^ {2}(registerEndpoint|deregisterEndpoint|owner|token|registeredAt|updatedAt)\b.*@/.test(line),
    );
    expect(closed.map((line) => line.match(/@\w+/g))).toEqual(Array.from({ length: 6 }, () => ['@aws_iam']));
  }
});
