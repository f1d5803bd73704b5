import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CloudFormationEvent } from './cloudformation-event.ts';
import { makeResponse } from './make-response.ts';

// What fast-check's unit `binary` is, which makes a table of a million characters first.
const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

const event: CloudFormationEvent = {
  RequestType: 'Create',
  RequestId: 'c1',
  StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/0b1c',
  LogicalResourceId: 'Users',
  ResponseURL: 'https://bucket.example/answer',
  ResourceProperties: {},
};
const physicalResourceId = 'discovery:dev/users/default:0123456789abcdef0123456789abcdef';

describe('the answer to an event', () => {
  test('repeats what CloudFormation compares and carries the data', () => {
    expect(
      JSON.parse(makeResponse(event, { status: 'SUCCESS', physicalResourceId, data: { Target: 'https://x.example' } })),
    ).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: physicalResourceId,
      StackId: event.StackId,
      RequestId: 'c1',
      LogicalResourceId: 'Users',
      NoEcho: false,
      Data: { Target: 'https://x.example' },
    });
  });

  test('carries the reason of a failure', () => {
    expect(JSON.parse(makeResponse(event, { status: 'FAILED', physicalResourceId, reason: 'no' }))).toMatchObject({
      Status: 'FAILED',
      Reason: 'no',
    });
    expect(JSON.parse(makeResponse(event, { status: 'FAILED', physicalResourceId, reason: '' })).Reason).not.toBe('');
  });

  test('never has more than 4096 bytes, and keeps as much of the reason as fits', () => {
    const reasons = fc.string({ unit: anyCharacter, maxLength: 6000, size: 'max' });
    fc.assert(
      fc.property(reasons, (reason) => {
        const text = makeResponse(event, { status: 'FAILED', physicalResourceId, reason });
        const bytes = Buffer.byteLength(text);
        expect(bytes).toBeLessThanOrEqual(4096);
        const told = (JSON.parse(text) as { Reason: string }).Reason;
        if (told !== reason && reason !== '') {
          expect(reason.startsWith(told.slice(0, -1))).toBe(true);
          expect(bytes).toBeGreaterThan(4096 - 16);
        }
      }),
    );
  });

  test('has room for the longest registration there can be', () => {
    const longest = 'n'.repeat(128);
    const data = {
      Service: longest,
      Stage: longest,
      Id: longest,
      Target: `https://x.example/${'p'.repeat(2030)}`,
      Revision: '9'.repeat(40),
    };
    const long = { ...event, StackId: 's'.repeat(300), LogicalResourceId: 'L'.repeat(255), RequestId: 'r'.repeat(36) };
    expect(
      Buffer.byteLength(makeResponse(long, { status: 'SUCCESS', physicalResourceId: 'p'.repeat(434), data })),
    ).toBeLessThanOrEqual(4096);
  });

  test('tells that there is too much data, instead of sending what CloudFormation refuses', () => {
    const data = { Keys: 'k'.repeat(4000) };
    expect(JSON.parse(makeResponse(event, { status: 'SUCCESS', physicalResourceId, data }))).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('4096 bytes'),
      PhysicalResourceId: physicalResourceId,
    });
  });
});
