import { describe, expect, test } from '@jest/globals';
import { answerEvent, type AnswerOptions, type CustomResource } from './answer-event.ts';

const event = {
  RequestType: 'Create',
  RequestId: 'request-1',
  StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/0b1c',
  LogicalResourceId: 'Thing',
  ResponseURL: 'https://bucket.example/answer?X-Amz-Signature=presigned',
  ResourceProperties: {},
};
const context = { invokedFunctionArn: 'arn', getRemainingTimeInMillis: () => 30_000 };

/** What is answered to the event, and which times were set, with CloudFormation's storage and a clock that never rings. */
async function answer(
  work: CustomResource['work'],
  { changes = {}, limitMs, ...options }: Partial<AnswerOptions & CustomResource> & { changes?: object } = {},
) {
  const answers: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const timeouts: number[] = [];
  const resource = { name: 'The tester', asks: 'the oracle', fallbackId: 'none-yet', limitMs, work };
  await answerEvent({ ...event, ...changes }, context, resource, {
    fetch: async (_, init) => {
      answers.push(JSON.parse(new TextDecoder().decode(init?.body as Uint8Array<ArrayBuffer>)) as never);
      return new Response();
    },
    sleep: async () => undefined,
    startTimeout: (milliseconds) => {
      timeouts.push(milliseconds);
      return new AbortController().signal;
    },
    log: (line) => lines.push(line),
    ...options,
  });
  return { answers, lines, timeouts };
}

const succeed: CustomResource['work'] = async () => ({ status: 'SUCCESS', physicalResourceId: 'id', data: { A: '1' } });
const failAfterwards: CustomResource['work'] = async (_, { identify }) => {
  identify('real');
  throw new TypeError('no');
};

describe('the answer to an event', () => {
  test('is what the work ends with, once, and one line of the log without the signed URL', async () => {
    const { answers, lines } = await answer(succeed);
    expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { A: '1' } }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('presigned');
  });

  test('is a failure with who failed and why when the work throws', async () => {
    const { answers } = await answer(async () => {
      throw new TypeError('a defect');
    });
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: 'The tester failed: TypeError: a defect' }]);
  });

  test('names the fallback id until a Create has its own, and after an Update always the one from before', async () => {
    const fail: CustomResource['work'] = () => Promise.reject(new Error('no'));
    expect((await answer(fail)).answers).toMatchObject([{ PhysicalResourceId: 'none-yet' }]);
    expect((await answer(failAfterwards)).answers).toMatchObject([{ PhysicalResourceId: 'real' }]);
    const changes = { RequestType: 'Update', PhysicalResourceId: 'before' };
    expect((await answer(failAfterwards, { changes })).answers).toMatchObject([{ PhysicalResourceId: 'before' }]);
  });

  test('comes in time: the work is ended before it, sooner where there is a limit', async () => {
    expect((await answer(succeed)).timeouts).toEqual([22_500, 25_000, 29_500]);
    expect((await answer(succeed, { limitMs: () => 15_000 })).timeouts).toEqual([15_000, 25_000, 29_500]);
    expect((await answer(succeed, { limitMs: () => 60_000 })).timeouts).toEqual([22_500, 25_000, 29_500]);
  });

  test('says who did not answer when the work hangs', async () => {
    const alarm = new AbortController();
    const hang: CustomResource['work'] = () => {
      alarm.abort();
      return new Promise(() => undefined);
    };
    const startTimeout = (milliseconds: number) => (milliseconds === 25_000 ? alarm : new AbortController()).signal;
    expect((await answer(hang, { startTimeout })).answers).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('The tester had no answer from the oracle within its 25 s') },
    ]);
  });

  test('is not sent for what is not an event of a custom resource', async () => {
    await expect(answer(succeed, { changes: { ResponseURL: '' } })).rejects.toMatchObject({ code: 'InvalidOptions' });
  });
});
