import { expect, test } from '@jest/globals';
import { findStackLink } from './find-stack-link.ts';

const arn = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Users/0a1b2c3d-0000';

test("a stack's owner leads to its stack", () => {
  expect(findStackLink(`${arn}#Endpoint`)).toBe(
    `https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId=${encodeURIComponent(arn)}`,
  );
  expect(findStackLink(arn.replace('arn:aws:', 'arn:aws-cn:').replace('eu-west-1', 'cn-north-1'))).toMatch(
    /^https:\/\/cn-north-1\.console\.amazonaws\.cn\//,
  );
});

test.each([
  [undefined],
  ['cli:ann'],
  ['arn:aws:cloudformation:evil.example/:111122223333:stack/Users/1#E'],
  ['arn:aws:cloudformation:eu-west-1:111122223333:stack/Users/1"onclick=#E'],
  ['javascript:arn:aws:cloudformation:eu-west-1:111122223333:stack/Users/1'],
])('%s leads nowhere', (owner) => {
  expect(findStackLink(owner)).toBeUndefined();
});
