import { expect, test } from '@jest/globals';
import { findRealtimeUrl } from './find-realtime-url.ts';

const id = 'abcdefghijklmnopqrstuvwxyz';

test.each([
  [
    `https://${id}.appsync-api.eu-west-1.amazonaws.com/graphql`,
    `wss://${id}.appsync-realtime-api.eu-west-1.amazonaws.com/graphql`,
  ],
  [
    `https://${id}.appsync-api.cn-north-1.amazonaws.com.cn/graphql`,
    `wss://${id}.appsync-realtime-api.cn-north-1.amazonaws.com.cn/graphql`,
  ],
  ['https://registry.example.com/graphql', 'wss://registry.example.com/graphql/realtime'],
  ['https://appsync-api.example.com/graphql', 'wss://appsync-api.example.com/graphql/realtime'],
  ['http://127.0.0.1:4440/graphql', 'ws://127.0.0.1:4440/graphql/realtime'],
])('the notices of %s come from %s', (url, expected) => {
  expect(findRealtimeUrl(url)).toBe(expected);
});
