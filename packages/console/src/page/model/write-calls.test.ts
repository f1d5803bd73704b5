import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ListedEndpoint } from '../../records/listed-endpoint.ts';
import { findCall, writeCurl } from './write-calls.ts';

const endpoint = (more: Partial<ListedEndpoint> = {}): ListedEndpoint => ({
  stage: 'dev',
  service: 'users',
  id: 'default',
  kind: 'rest',
  target: 'https://users.example.com',
  priority: 0,
  weight: 100,
  public: false,
  ...more,
});

test('no target can end its quotes in a shell', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      const target = `https://${text.replaceAll('\u0000', '')}`;
      const script = `curl() { printf %s "$1"; }; ${writeCurl(endpoint({ target }))}`;
      expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(target);
    }),
    { numRuns: 30 },
  );
});

test('each kind is called in its way', () => {
  const iam = { authMode: 'iam', region: 'eu-west-1', signingService: 'execute-api' } as const;
  expect(writeCurl(endpoint(iam))).toContain("--aws-sigv4 'aws:amz:eu-west-1:execute-api'");
  expect(writeCurl(endpoint({ kind: 'graphql', authMode: 'userPool' }))).toBe(
    `curl --header "authorization: $TOKEN" --json '{"query":"{ __typename }"}' 'https://users.example.com'`,
  );
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:users';
  expect(writeCurl(endpoint({ kind: 'function', target: arn, region: 'eu-west-1' }))).toBe(
    `aws lambda invoke --function-name '${arn}' --region 'eu-west-1' --payload '{}' answer.json`,
  );
  expect(findCall(endpoint())).toContain("get({ apiName: 'users', path: '/' })");
  expect(findCall(endpoint({ kind: 'graphql', authMode: 'iam' }))).toContain(
    "graphqlClientOptions('users', { authMode: 'iam' })",
  );
  expect(findCall(endpoint({ kind: 'websocket' }))).toBeUndefined();
});
