import { isUtf8 } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import { answerError } from '../../route/answer-error.ts';
import { findHeaders, type HeaderList } from '../../route/header-list.ts';
import type { CollectedAnswer } from './collect-answer.ts';
import type { EventKind } from './read-event.ts';

/** What a handler returns to the event source. */
export interface RouterResult {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** The largest answers of Lambda and of load balancers, in bytes, less a little for the envelope. */
export const maximumAnswerBytes: Readonly<Record<EventKind, number>> = {
  http: 6 * 1024 * 1024 - 32 * 1024,
  'load-balancer': 1024 * 1024 - 32 * 1024,
  'load-balancer-multi': 1024 * 1024 - 32 * 1024,
};

/** The result in the event source's form. The body is text where that loses no byte, else Base64. */
export function buildResult(answer: CollectedAnswer, kind: EventKind, service?: string): RouterResult {
  if (answer === 'truncated')
    return buildResult(answerError('AnswerInvalid', 'The answer ended in the middle.', { service }), kind);
  const limit = maximumAnswerBytes[kind];
  const body = answer === 'large' ? undefined : describeBody(answer.body, limit);
  if (answer !== 'large' && body) return { ...buildHead(answer, kind), ...body };
  const what = `The answer is larger than the ${limit} bytes that can be passed on.`;
  return buildResult(answerError('AnswerTooLarge', what, { service }), kind);
}

/** Status and headers alone. */
export function buildHead(
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
  kind: EventKind,
): Omit<RouterResult, 'body' | 'isBase64Encoded'> {
  const statusDescription = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const byName = new Map<string, string[]>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    const value = headers[index + 1] as string;
    const values = byName.get(name);
    if (values) values.push(value);
    else byName.set(name, [value]);
  }
  if (kind === 'load-balancer-multi')
    return { statusCode: status, statusDescription, multiValueHeaders: Object.fromEntries(byName) };
  const cookies = findHeaders(headers, 'set-cookie');
  byName.delete('set-cookie');
  const joined = [...byName].map(([name, values]) => [name, values.join(', ')] as const);
  if (kind === 'http')
    return { statusCode: status, headers: Object.fromEntries(joined), ...(cookies.length > 0 && { cookies }) };
  // There is one value per name here, but names that differ in case count as different.
  const named = cookies.map((value, index) => [spellDifferently('set-cookie', index), value] as const);
  return { statusCode: status, statusDescription, headers: Object.fromEntries([...joined, ...named]) };
}

function spellDifferently(name: string, index: number): string {
  let bit = 0;
  return name.replace(/[a-z]/g, (letter) => ((index >> bit++) & 1 ? letter.toUpperCase() : letter));
}

/** Undefined when it is too large in the form that the event source takes. */
function describeBody(bytes: Uint8Array, limit: number): Pick<RouterResult, 'body' | 'isBase64Encoded'> | undefined {
  const isText = isUtf8(bytes);
  const body = Buffer.from(bytes).toString(isText ? 'utf8' : 'base64');
  const size = isText ? Buffer.byteLength(JSON.stringify(body)) : body.length;
  return size > limit ? undefined : { body, isBase64Encoded: !isText };
}
