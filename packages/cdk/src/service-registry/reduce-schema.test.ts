import { expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { Kind, parse, visit, type DirectiveNode } from 'graphql';
import { reduceSchema } from './reduce-schema.ts';

const { schema } = registryDefinition;
const combinations = [['iam'], ['iam', 'apiKey'], ['iam', 'userPool'], ['iam', 'apiKey', 'userPool']] as const;

test('a schema for all modes is the registry\u2019s own, byte for byte', () => {
  expect(reduceSchema(schema, ['iam', 'apiKey', 'userPool'])).toBe(schema);
});

test.each(combinations)('a schema for %s %s %s has the directives of these modes, and is GraphQL', (...modes) => {
  const names = { iam: 'aws_iam', apiKey: 'aws_api_key', userPool: 'aws_cognito_user_pools' };
  const kept = new Set(['aws_subscribe', 'deprecated', ...modes.flatMap((mode) => (mode ? [names[mode]] : []))]);
  const withoutOthers = visit(parse(schema, { noLocation: true }), {
    Directive: (node) => (kept.has(node.name.value) ? undefined : null),
  });
  expect(parse(reduceSchema(schema, modes), { noLocation: true })).toEqual(withoutOthers);
});

test('writing stays closed to all but IAM, and what is for deployers to all but IAM and operators, whatever the modes', () => {
  const closed = /^(registerEndpoint|deregisterEndpoint|announceStage|owner|token|actor|registeredAt|updatedAt)$/;
  for (const modes of combinations) {
    const found: string[] = [];
    visit(parse(reduceSchema(schema, modes)), {
      FieldDefinition: ({ name, directives = [] }) => {
        if (closed.test(name.value))
          found.push(...directives.filter((directive) => !isForDeployers(directive)).map(String));
      },
    });
    expect(found).toEqual([]);
  }
});

function isForDeployers({ name, arguments: given = [] }: DirectiveNode): boolean {
  if (name.value === 'aws_iam') return true;
  const groups = given.find((argument) => argument.name.value === 'cognito_groups')?.value;
  return (
    groups?.kind === Kind.LIST &&
    groups.values.every((value) => 'value' in value && value.value === 'discovery-operators')
  );
}
