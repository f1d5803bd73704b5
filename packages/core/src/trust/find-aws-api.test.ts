import { expect, test } from '@jest/globals';
import { findAwsApi } from './find-aws-api.ts';

test.each([
  ['abc123.execute-api.eu-west-1.amazonaws.com', 'execute-api', 'eu-west-1'],
  ['abc-vpce-0a1.execute-api.us-gov-west-1.amazonaws.com', 'execute-api', 'us-gov-west-1'],
  ['abc123.execute-api.cn-north-1.amazonaws.com.cn', 'execute-api', 'cn-north-1'],
  ['abc123.execute-api.eusc-de-east-1.amazonaws.eu', 'execute-api', 'eusc-de-east-1'],
  ['abc.appsync-api.eu-west-1.amazonaws.com', 'appsync-api', 'eu-west-1'],
  ['abc.appsync-realtime-api.eu-west-1.amazonaws.com', 'appsync-realtime-api', 'eu-west-1'],
  ['abc.lambda-url.eu-west-1.on.aws', 'lambda-url', 'eu-west-1'],
  ['orders.x7k2.lambda-web.eu-west-1.on.aws', 'lambda-web', 'eu-west-1'],
  ['orders.lambda-web.global.on.aws', 'lambda-web', 'global'],
])('%s is an API of %s in %s', (hostname, service, region) => {
  expect(findAwsApi(hostname)).toEqual({ service, region });
});

test.each([
  'execute-api.eu-west-1.amazonaws.com',
  '.execute-api.eu-west-1.amazonaws.com',
  'a.b.execute-api.eu-west-1.amazonaws.com',
  'abc.execute-api.eu-west-1.amazonaws.com.evil.com',
  'abc.execute-api.eu-west-1.amazonaws.com.',
  'abc.execute-api.eu-west-1xamazonaws.com',
  'abc.execute-api..amazonaws.com',
  'abc.lambda-url.eu-west-1.amazonaws.com',
  'a.b.lambda-url.eu-west-1.on.aws',
  'lambda-web.eu-west-1.on.aws',
  'orders.lambda-web.eu-west-1.on.aws',
  'a.b.c.lambda-web.eu-west-1.on.aws',
  'evil.com/abc.execute-api.eu-west-1.amazonaws.com',
  'abc.s3.eu-west-1.amazonaws.com',
  'orders.example.com',
  '',
])('%j is not on an API domain of AWS', (hostname) => {
  expect(findAwsApi(hostname)).toBeUndefined();
});
