import { isUtf8 } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import { answerError } from './answer-error.ts';
import type { EventKind } from './read-event.ts';
import type { Header, RouterAnswer } from './router-request.ts';

/** What a handler gives back to the event source. */
export interface RouterResult {
  readonly statusCode: number;
  readonly statusDescription?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** What Lambda and load balancers take as a whole, less a little for the envelope. */
const maximumBytes: Record<EventKind, number> = {
  http: 6 * 1024 * 1024 - 32 * 1024,
  'load-balancer': 1024 * 1024 - 32 * 1024,
  'load-balancer-multi': 1024 * 1024 - 32 * 1024,
};

/** The result in the event source's form. The body is text where that keeps every byte, else Base64. */
export async function buildResult(answer: RouterAnswer, kind: EventKind, service?: string): Promise<RouterResult> {
  const limit = maximumBytes[kind];
  const body = await readAnswer(answer, limit);
  if (body === 'truncated')
    return buildResult(answerError('AnswerInvalid', 'The answer ended in the middle.', { service }), kind);
  if (body === 'large') {
    return buildResult(
      answerError('AnswerTooLarge', `The answer is larger than the ${limit} bytes that can be passed on.`, { service }),
      kind,
    );
  }
  return { ...buildHead(answer, kind), ...body };
}

/** Status and headers alone. */
export function buildHead(
  { status, headers }: RouterAnswer,
  kind: EventKind,
): Omit<RouterResult, 'body' | 'isBase64Encoded'> {
  const statusDescription = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  if (kind === 'load-balancer-multi') {
    const multiValueHeaders: Record<string, string[]> = {};
    for (const [name, value] of headers) (multiValueHeaders[name.toLowerCase()] ??= []).push(value);
    return { statusCode: status, statusDescription, multiValueHeaders };
  }
  const cookies = headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value);
  const joined = joinHeaders(headers);
  if (kind === 'http') return { statusCode: status, headers: joined, ...(cookies.length > 0 && { cookies }) };
  // A single value per name is all there is here, but names that differ in case count as different.
  const named = cookies.map((value, index) => [spellDifferently('set-cookie', index), value] as const);
  return { statusCode: status, statusDescription, headers: { ...joined, ...Object.fromEntries(named) } };
}

function joinHeaders(headers: readonly Header[]): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key !== 'set-cookie') joined[key] = key in joined ? `${joined[key]}, ${value}` : value;
  }
  return joined;
}

function spellDifferently(name: string, index: number): string {
  let bit = 0;
  return name.replace(/[a-z]/g, (letter) => ((index >> bit++) & 1 ? letter.toUpperCase() : letter));
}

async function readAnswer(
  { body }: RouterAnswer,
  limit: number,
): Promise<Pick<RouterResult, 'body' | 'isBase64Encoded'> | 'large' | 'truncated'> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) return 'large';
    }
  } catch {
    return 'truncated';
  }
  const bytes = Buffer.concat(chunks);
  const isText = isUtf8(bytes);
  const text = bytes.toString(isText ? 'utf8' : 'base64');
  const size = isText ? Buffer.byteLength(JSON.stringify(text)) : text.length;
  return size > limit ? 'large' : { body: text, isBase64Encoded: !isText };
}
