import type { CloudFormationEvent } from './cloudformation-event.ts';

/** What CloudFormation reads at most. */
const maximumBytes = 4096;

/** How an event ended. */
export type Outcome =
  | {
      readonly status: 'SUCCESS';
      readonly physicalResourceId: string;
      readonly data?: Readonly<Record<string, string>>;
    }
  | { readonly status: 'FAILED'; readonly physicalResourceId: string; readonly reason: string };

/**
 * The JSON text of the answer to an event, at most 4096 bytes: a reason that is too long ends in "…", and a success with
 * too much data is a failure, which is what CloudFormation would take it for without saying why.
 */
export function makeResponse(event: CloudFormationEvent, outcome: Outcome): string {
  const { StackId, RequestId, LogicalResourceId } = event;
  const build = (reason: string) =>
    JSON.stringify({
      Status: outcome.status,
      ...(outcome.status === 'FAILED' && { Reason: reason }),
      PhysicalResourceId: outcome.physicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
      NoEcho: false,
      ...(outcome.status === 'SUCCESS' && { Data: outcome.data ?? {} }),
    });
  const reason = outcome.status === 'FAILED' ? outcome.reason || 'Unknown' : '';
  const text = build(reason);
  if (outcome.status === 'SUCCESS' && isTooLong(text)) {
    const tooMuch = `The answer is longer than the ${maximumBytes} bytes that CloudFormation takes`;
    const { physicalResourceId } = outcome;
    return makeResponse(event, { status: 'FAILED', physicalResourceId, reason: tooMuch });
  }
  return isTooLong(text) ? build(shorten(reason, (candidate) => !isTooLong(build(candidate)))) : text;
}

/** The longest beginning that fits, found by halving. */
function shorten(text: string, fits: (candidate: string) => boolean): string {
  const characters = [...text];
  let fitting = 0;
  let tooLong = characters.length;
  while (tooLong - fitting > 1) {
    const middle = Math.floor((fitting + tooLong) / 2);
    if (fits(`${characters.slice(0, middle).join('')}…`)) fitting = middle;
    else tooLong = middle;
  }
  return `${characters.slice(0, fitting).join('')}…`;
}

function isTooLong(text: string): boolean {
  return new TextEncoder().encode(text).length > maximumBytes;
}
