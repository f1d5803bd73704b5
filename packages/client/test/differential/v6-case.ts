import fc from 'fast-check';
import type { Cancelling, Reading } from './observe-call.ts';
import type { Answer } from './start-target.ts';

export const verbs = ['get', 'post', 'put', 'patch', 'del', 'head'] as const;

/** A service of a target: found by discovery, listed by the app itself, or unknown. */
export const services = {
  root: { discovered: true, suffix: '' },
  stage: { discovered: true, suffix: '/prod' },
  deep: { discovered: true, suffix: '/a%20b/v1', region: 'eu-west-1', service: 'execute-api' },
  own: { discovered: false, suffix: '' },
  ownFolder: { discovered: false, suffix: '/api/' },
  ownQuery: { discovered: false, suffix: '/api?key=1&path=', region: 'ap-south-1', service: 'lambda' },
} as const;

/** One call, and everything around it that a caller can vary. Functions make what can be used only once. */
export interface V6Case {
  readonly verb: (typeof verbs)[number];
  readonly service: keyof typeof services | 'nobody';
  readonly path: string;
  /** What the generator knows of the path: whether it may lead out of its service. */
  readonly pathKind: 'plain' | 'relative' | 'climbing';
  readonly options: (() => Record<string, unknown>) | undefined;
  readonly library: 'none' | 'signed' | 'headers' | 'no retry' | 'unsigned';
  readonly form: Form;
  /** Whether discovery still has to load the stage when the call is made. */
  readonly isCold: boolean;
  readonly answers: readonly Answer[];
  readonly reading: Reading;
  readonly cancelling: Cancelling | undefined;
}

/** How the verb is called: with what before and after the input, and whose context. */
export type Form = 'input' | 'context, input' | 'as a callback' | 'undefined, input' | 'input, context' | 'nothing';

const plainPath = fc.oneof(
  { arbitrary: fc.constantFrom('/users', '/', '', '/users/1?active=1'), weight: 4 },
  fc.constantFrom(
    '?a=1',
    '/?a=1',
    '/a b/ü/日本',
    '/a%20b',
    '/100%',
    '/users#part',
    '/users?x=1&x=2#part?y',
    '/a;b=1/c,d/e:f/@g',
    '/users?q=a+b%20c&r=%',
    '/users?next=/../x',
    '/a//b',
    '/...',
    '/.hidden/..x/x..',
    '/users?',
    '/it\'s/(a)/[b]/{c}|^`<">',
  ),
  // Every character that RFC 3986 lets stand in a path as it is.
  fc.stringMatching(/^(?:\/[\w.~!$&'()*+,;=:@-]{0,10}){1,5}$/).filter((path) => !/^\/\/|\/\.{1,2}(;|\/|$)/.test(path)),
);
const relativePath = fc.constantFrom('items', 'items/1?a=1', 'a:b', 'ü', '@127.0.0.1:1/x', ':1/x', '.test/x');
const climbingPath = fc.constantFrom(
  '/../admin',
  '/a/../../admin',
  '/%2e%2e/admin',
  '/a/..%2fadmin',
  '/\\127.0.0.1/x',
  '/a/..\\..\\b',
  '/..',
  '/a/..;/b',
);

const headers = fc.dictionary(
  fc.constantFrom(
    'x-trace',
    'X-Trace',
    'accept',
    'Content-Type',
    'content-type',
    'authorization',
    'Authorization',
    'x-api-key',
  ),
  fc.oneof(
    fc.constantFrom('', 'a', ' padded ', 'text/plain', 'application/json', 'application/problem+json;v=1', 'Bearer t'),
    fc.constantFrom<unknown>(1, undefined, null),
  ),
  { maxKeys: 4 },
);
const queryParams = fc.dictionary(
  fc.constantFrom('a', 'x', 'q', 'ü', 'a b', '__proto__', 'constructor'),
  fc.oneof(
    fc.constantFrom('', '1', 'a b', 'ü&=+', 'x'),
    fc.constantFrom<unknown>(1, true, null, undefined, ['a', 'b'], {}),
  ),
  { maxKeys: 3 },
);
const body = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 'text', '{"a":1}', 0, 42, true, false, [], {}, { a: undefined }),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown),
  fc.constantFrom(
    new Date(0),
    new Uint8Array([1, 2]),
    new Map([['a', 1]]),
    { toJSON: () => 'own' },
    new URLSearchParams('a=1'),
  ),
);

const options = fc.option(
  fc
    .record(
      {
        headers: fc.oneof({ arbitrary: headers, weight: 5 }, fc.constant(undefined)),
        queryParams: fc.oneof({ arbitrary: queryParams, weight: 5 }, fc.constant(undefined)),
        body: fc.oneof({ arbitrary: body.map((value) => () => value), weight: 5 }, fc.constant(makeForm)),
        withCredentials: fc.boolean(),
        defaultAuthMode: fc.constantFrom('none', 'iam', undefined),
        timeout: fc.constantFrom(0, 20_000, -1, undefined, null),
        retryStrategy: fc.constantFrom(
          { strategy: 'no-retry' },
          { strategy: 'jittered-exponential-backoff' },
          undefined,
        ),
      },
      { requiredKeys: [] },
    )
    .map(({ body: makeBody, ...rest }) => () => ({ ...rest, ...(makeBody && { body: makeBody() }) })),
  { nil: undefined, freq: 8 },
);

function makeForm(): FormData {
  const form = new FormData();
  form.append('name', 'Ada');
  form.append('file', new Blob(['content'], { type: 'text/plain' }), 'file.txt');
  return form;
}

const answer = (status: number, text: string, more: Record<string, string> = {}): Answer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...more },
  body: text,
});
const success = fc.constantFrom(
  answer(200, '{"name":"users"}', { 'x-answer': 'a, b', 'set-cookie': 'a=1' }),
  answer(200, ''),
  answer(200, 'plain', { 'content-type': 'text/plain; charset=utf-8' }),
  answer(200, '{"broken":'),
  answer(201, '"ü"'),
  answer(204, ''),
);
const refusal = fc.constantFrom(
  answer(400, '{"message":"no"}'),
  answer(403, '{"message":"Forbidden"}'),
  answer(403, '{"message":"Forbidden"}', { 'x-amzn-errortype': 'ForbiddenException' }),
  answer(404, '{"message":"Not Found"}'),
  answer(404, ''),
  answer(422, 'not JSON'),
  answer(304, ''),
  answer(400, '{"__type":"BadRequestException","message":"clock"}', { 'x-amzn-errortype': 'BadRequestException' }),
);
const failure = fc.constantFrom<Answer>(answer(500, ''), answer(503, '{"message":"busy"}'), answer(429, ''), {
  kind: 'reset',
});
const answers = fc.oneof(
  { arbitrary: success.map((one) => [one]), weight: 12 },
  { arbitrary: refusal.map((one) => [one]), weight: 5 },
  { arbitrary: fc.tuple(failure, fc.oneof(failure, success)), weight: 1 },
  { arbitrary: fc.constantFrom<Answer[]>([{ kind: 'silence' }], [{ kind: 'half' }]), weight: 1 },
);

const message = fc.constantFrom(undefined, '', 'not needed any more');
const cancelling = fc.record({ when: fc.constantFrom('at once' as const, 'after the response' as const), message });

export const v6Case: fc.Arbitrary<V6Case> = fc
  .record({
    verb: fc.constantFrom(...verbs),
    service: fc.oneof(
      { arbitrary: fc.constantFrom(...(Object.keys(services) as (keyof typeof services)[])), weight: 12 },
      { arbitrary: fc.constant('nobody' as const), weight: 1 },
    ),
    path: fc.oneof(
      { arbitrary: plainPath.map((path) => ({ path, pathKind: 'plain' as const })), weight: 8 },
      { arbitrary: relativePath.map((path) => ({ path, pathKind: 'relative' as const })), weight: 2 },
      { arbitrary: climbingPath.map((path) => ({ path, pathKind: 'climbing' as const })), weight: 1 },
    ),
    options,
    library: fc.constantFrom('none', 'none', 'signed', 'headers', 'no retry', 'unsigned'),
    form: fc.oneof(
      { arbitrary: fc.constantFrom<Form>('input', 'context, input'), weight: 8 },
      {
        arbitrary: fc.constantFrom<Form>('as a callback', 'undefined, input', 'input, context', 'nothing'),
        weight: 1,
      },
    ),
    isCold: fc.boolean(),
    answers,
    reading: fc.array(fc.constantFrom('json' as const, 'text' as const, 'blob' as const), { maxLength: 2 }),
    cancelling: fc.option(cancelling, { nil: undefined, freq: 6 }),
  })
  .map(({ path, ...rest }) => settle({ ...rest, ...path }));

/** What a case looks like in the report of a failure. */
export function describeCase({ options, ...one }: V6Case): object {
  return { ...one, options: options?.() };
}

/**
 * What is refused may be refused before or after a call is cancelled, so those are not cancelled here. A silent target needs
 * somebody who gives up, in one way only: two that race would end one run so and the next run otherwise.
 */
function settle(one: V6Case): V6Case {
  if (one.pathKind === 'climbing') return { ...one, cancelling: undefined, answers: [answer(200, '{}')] };
  const [first] = one.answers;
  const giveUp = (timeout: number | undefined, cancelling: Cancelling | undefined): V6Case => ({
    ...one,
    cancelling,
    options: () => ({ ...one.options?.(), timeout, retryStrategy: { strategy: 'no-retry' } }),
  });
  const message = one.cancelling?.message;
  if (first?.kind === 'half') return giveUp(undefined, { when: 'after the response', message });
  if (first?.kind !== 'silence') return one;
  if (one.pathKind === 'relative' || one.service === 'nobody') return { ...one, answers: [answer(200, '{}')] };
  return one.isCold ? giveUp(40, undefined) : giveUp(undefined, { when: 'on arrival', message });
}
