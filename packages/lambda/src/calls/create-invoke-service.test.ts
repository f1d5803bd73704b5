import { expect, test } from '@jest/globals';
import { createResolver } from '@amplify-discovery/core';
import { memorySource } from '@amplify-discovery/test-rig';
import { createInvokeService, type InvokeServiceOptions, type LambdaInvoker } from './create-invoke-service.ts';
import { matchArn } from './match-arn.ts';

const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:orders';
const ownArn = 'arn:aws:lambda:eu-west-1:123456789012:function:me';
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function setUp(target: string, more: Partial<InvokeServiceOptions> = {}, kind = 'function') {
  const source = memorySource();
  const register = (to: string, id = 'default') =>
    source.register({ stage: 'dev', service: 'orders', kind, target: to, id });
  register(target);
  const inputs: Parameters<LambdaInvoker['invoke']>[0][] = [];
  let nowMs = 0;
  const resolver = createResolver({
    source,
    stage: 'dev',
    trustedHosts: ['*.example.com'],
    now: () => (nowMs += 10_000),
    freshSeconds: 1e9,
  });
  const lambda: LambdaInvoker = {
    async invoke(input) {
      inputs.push(input);
      return { StatusCode: 200, Payload: encode({ got: new TextDecoder().decode(input.Payload) }) };
    },
  };
  const invokeService = createInvokeService({
    resolver,
    lambda,
    trustedFunctions: undefined,
    findOwnArn: () => ownArn,
    ...more,
  });
  return { invokeService, inputs, register };
}

test('a function of the own account is invoked with the payload as JSON', async () => {
  const { invokeService, inputs } = setUp(arn);
  await expect(invokeService('orders', { id: 7 })).resolves.toEqual({ statusCode: 200, payload: { got: '{"id":7}' } });
  expect(inputs).toMatchObject([{ FunctionName: arn, InvocationType: 'RequestResponse' }]);
});

test('the calls of a function are spread by weight', async () => {
  const { invokeService, inputs, register } = setUp(arn);
  register(`${arn}-canary`, 'canary');
  for (let call = 0; call < 200; call++) await invokeService('orders');
  const canary = inputs.filter(({ FunctionName }) => FunctionName !== arn).length;
  expect(canary).toBeGreaterThan(50);
  expect(canary).toBeLessThan(150);
});

test('what the function threw is returned, not thrown', async () => {
  const lambda: LambdaInvoker = {
    invoke: async () => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: encode({ errorMessage: 'no' }) }),
  };
  await expect(setUp(arn, { lambda }).invokeService('orders')).resolves.toEqual({
    statusCode: 200,
    functionError: 'Unhandled',
    payload: { errorMessage: 'no' },
  });
});

test.each([
  ['another account', 'arn:aws:lambda:eu-west-1:999999999999:function:orders', {}],
  ['an account that is not known', arn, { findOwnArn: () => undefined }],
  [
    'what trustedFunctions leaves out',
    arn,
    { trustedFunctions: ['arn:aws:lambda:eu-west-1:123456789012:function:users-*'] },
  ],
  ['anything, when trustedFunctions is empty', arn, { trustedFunctions: [] }],
])('a function of %s is not invoked', async (_, target, more) => {
  const { invokeService, inputs } = setUp(target, more);
  await expect(invokeService('orders')).rejects.toMatchObject({ code: 'UntrustedEndpoint' });
  expect(inputs).toEqual([]);
});

test('a URL, another resource and a missing client are mistakes that the message explains', async () => {
  await expect(setUp('https://orders.example.com', {}, 'http').invokeService('orders')).rejects.toMatchObject({
    code: 'InvalidOptions',
  });
  await expect(
    setUp('arn:aws:sqs:eu-west-1:123456789012:q', {}, 'resource').invokeService('orders'),
  ).rejects.toMatchObject({ code: 'InvalidOptions' });
  await expect(setUp(arn, { lambda: undefined }).invokeService('orders')).rejects.toMatchObject({
    code: 'InvalidOptions',
    message: expect.stringContaining('lambda'),
  });
});

test('a function that is gone is looked up once more, and its successor invoked once', async () => {
  const calls: string[] = [];
  const lambda: LambdaInvoker = {
    async invoke({ FunctionName }) {
      calls.push(FunctionName);
      if (calls.length > 1) return { StatusCode: 202 };
      setup.register(`${arn}-2`);
      throw Object.assign(new Error('gone'), { name: 'ResourceNotFoundException' });
    },
  };
  const setup = setUp(arn, { lambda });
  await expect(setup.invokeService('orders', 1, { invocationType: 'Event' })).resolves.toMatchObject({
    statusCode: 202,
    payload: undefined,
  });
  expect(calls).toEqual([arn, `${arn}-2`]);
});

test('a function that is gone without a successor is its error, and other errors are not repeated', async () => {
  for (const name of ['ResourceNotFoundException', 'TooManyRequestsException']) {
    let calls = 0;
    const lambda: LambdaInvoker = {
      async invoke() {
        calls++;
        throw Object.assign(new Error('no'), { name });
      },
    };
    await expect(setUp(arn, { lambda }).invokeService('orders')).rejects.toMatchObject({ name });
    expect(calls).toBe(1);
  }
});

test.each([
  [arn, arn, true],
  [arn, 'arn:aws:lambda:*:123456789012:function:*', true],
  [`${arn}:live`, 'arn:aws:lambda:*:123456789012:function:*', false],
  [`${arn}:live`, 'arn:aws:lambda:*:123456789012:function:*:*', true],
  [arn, 'arn:aws:lambda:*', false],
  [arn, 'arn:aws:lambda:eu-west-1:12345678901?:function:orders', false],
  [arn, 'arn:aws:lambda:eu-west-1:123456789012:function:.*', false],
  ['arn:aws:lambda:eu-west-1:999999999999:function:orders', 'arn:aws:lambda:*:123456789012:function:*', false],
])('%s against %s: %s', (target, pattern, expected) => {
  expect(matchArn(target, pattern)).toBe(expected);
});
