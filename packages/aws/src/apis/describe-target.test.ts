import { expect, test } from '@jest/globals';
import { describeTarget } from './describe-target.ts';

test.each([
  ['https://abc.execute-api.eu-west-1.amazonaws.com/prod', 'rest', 'eu-west-1', 'execute-api'],
  ['wss://abc.execute-api.eu-west-1.amazonaws.com/prod', 'websocket', 'eu-west-1', 'execute-api'],
  ['https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod', 'rest', 'cn-north-1', 'execute-api'],
  ['https://abc.lambda-url.us-east-2.on.aws', 'http', 'us-east-2', 'lambda'],
  ['https://orders.x7k2.lambda-web.eu-west-1.on.aws', 'http', 'eu-west-1', 'lambda'],
  ['https://orders.lambda-web.global.on.aws', 'http', undefined, 'lambda'],
  ['https://abc.appsync-api.ap-south-1.amazonaws.com/graphql', 'graphql', 'ap-south-1', 'appsync'],
  ['https://abc.appsync-api.eu-west-1.amazonaws.com/event', 'events', 'eu-west-1', 'appsync'],
  ['wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/event/realtime', 'events', 'eu-west-1', 'appsync'],
  ['wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql', 'websocket', 'eu-west-1', 'appsync'],
  ['arn:aws:lambda:eu-central-1:123456789012:function:users', 'function', 'eu-central-1', 'lambda'],
  ['arn:aws:sqs:eu-west-1:123456789012:jobs', 'resource', 'eu-west-1', undefined],
  ['arn:aws:s3:::bucket', 'resource', undefined, undefined],
  ['https://api.example.com', 'rest', undefined, 'execute-api'],
  ['wss://api.example.com', 'websocket', undefined, 'execute-api'],
  ['https://abc.execute-api.eu-west-1.amazonaws.com.evil.com', 'rest', undefined, 'execute-api'],
  ['nope', 'rest', undefined, 'execute-api'],
  ['', 'rest', undefined, 'execute-api'],
])('%s is of kind %s', (target, kind, region, signingService) => {
  expect(describeTarget(target)).toEqual({
    kind,
    ...(region && { region }),
    ...(signingService && { signingService }),
  });
});

test('the kind that is stated decides what a custom domain is signed for, not what an AWS host is', () => {
  expect(describeTarget('https://api.example.com/graphql', 'graphql')).toEqual({
    kind: 'graphql',
    signingService: 'appsync',
  });
  expect(describeTarget('https://abc.execute-api.eu-west-1.amazonaws.com/graphql', 'graphql')).toEqual({
    kind: 'graphql',
    region: 'eu-west-1',
    signingService: 'execute-api',
  });
});
