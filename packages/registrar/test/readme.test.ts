import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { resolveIntrinsics, type Template } from '@amplify-discovery/test-rig/cloudformation';
import { findScope } from '../src/find-scope.ts';
import { parseProperties } from '../src/parse-properties.ts';

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json) as unknown);
const [template, policy] = examples as [Template, { Statement: { Action: string; Resource: string }[] }];
const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:registrar';

describe('the README', () => {
  test('shows a resource that registers as it stands', () => {
    const values = { Stage: 'staging', Api: 'abc123', 'AWS::Region': 'eu-west-1' };
    const properties = resolveIntrinsics(template.Resources.Users?.Properties, values) as Record<string, unknown>;
    expect(parseProperties(properties, 'eu-west-1')).toMatchObject({
      service: 'user-management-service',
      stage: 'staging',
      target: 'https://abc123.execute-api.eu-west-1.amazonaws.com/prod',
      kind: 'rest',
    });
  });

  test('shows a policy that lets a deployment call its alias and nothing else of the function', () => {
    const [statement] = policy.Statement;
    expect(policy.Statement).toHaveLength(1);
    expect(statement?.Action).toBe('lambda:InvokeFunction');
    const allows = (arn: string) => policy.Statement.some(({ Resource }) => matchesArn(Resource, arn));
    expect(allows(`${functionArn}:team-users`)).toBe(true);
    for (const arn of [functionArn, `${functionArn}:$LATEST`, `${functionArn}:1`, `${functionArn}:team-orders`])
      expect(allows(arn)).toBe(false);
    // What it warns of.
    expect(matchesArn(`${functionArn}:*`, `${functionArn}:$LATEST`)).toBe(true);
  });

  test('shows a rule for the scope that this alias names', () => {
    const scope = findScope(policy.Statement[0]?.Resource ?? '');
    expect(/discovery rules set scope (\S+)/.exec(text)?.[1]).toBe(scope);
  });

  test('lists the properties that there are', () => {
    const listed = [...text.matchAll(/^\| `([A-Z][A-Za-z]+)` +\|/gm)].map(([, name = '']) => name);
    let message = '';
    try {
      parseProperties({ Nonsense: 1 }, undefined);
    } catch (error) {
      message = (error as Error).message;
    }
    const known = /there are ([\w, ]+)\./.exec(message)?.[1]?.split(', ') ?? [];
    expect(known.length).toBeGreaterThan(10);
    expect(listed.slice(0, known.length).sort()).toEqual(known.sort());
  });
});

/** IAM's way: a star stands for any text, colons included. */
function matchesArn(pattern: string, arn: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.$]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(arn);
}
