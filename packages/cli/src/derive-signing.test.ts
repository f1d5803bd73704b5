import { expect, test } from '@jest/globals';
import { deriveSigning } from './derive-signing.ts';

test.each([
  ['https://abc.execute-api.eu-west-1.amazonaws.com/prod', { region: 'eu-west-1', signingService: 'execute-api' }],
  ['https://abc.lambda-url.us-east-2.on.aws', { region: 'us-east-2', signingService: 'lambda' }],
  ['https://abc.appsync-api.ap-south-1.amazonaws.com/graphql', { region: 'ap-south-1', signingService: 'appsync' }],
  ['https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod', { region: 'cn-north-1', signingService: 'execute-api' }],
  ['arn:aws:lambda:eu-central-1:123456789012:function:users', { region: 'eu-central-1' }],
  ['arn:aws:s3:::bucket', {}],
  ['https://api.example.com', {}],
  ['https://abc.execute-api.eu-west-1.amazonaws.com.evil.com', {}],
  ['nope', {}],
])('%s', (target, signing) => {
  expect(deriveSigning(target)).toEqual(signing);
});
