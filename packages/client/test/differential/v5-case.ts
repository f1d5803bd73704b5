import fc from 'fast-check';
import type { Answer } from './start-target.ts';
import { verbs } from './v6-case.ts';

/** The services of a target, and how v5's configuration lists them. */
export const v5Services = {
  root: { discovered: true, suffix: '' },
  stage: { discovered: true, suffix: '/prod' },
  own: { discovered: false, suffix: '/api/' },
  ownHeaders: {
    discovered: false,
    suffix: '/v1',
    region: 'eu-west-1',
    service: 'lambda',
    custom: { 'x-own': '1', 'x-trace': 'own' },
  },
} as const;

/** One call in the shape of v5, and everything around it that a caller can vary. */
export interface V5Case {
  readonly verb: (typeof verbs)[number];
  readonly service: keyof typeof v5Services | 'nobody';
  readonly path: string;
  readonly init: (() => Record<string, unknown>) | null | undefined;
  readonly isSignedIn: boolean;
  readonly answers: readonly Answer[];
  /** When the caller cancels, with which message. */
  readonly cancelling: { readonly when: 'at once' | 'on arrival'; readonly message: string | undefined } | undefined;
}

const path = fc.oneof(
  { arbitrary: fc.constantFrom('/users', '/', ''), weight: 3 },
  fc.constantFrom(
    '/users/1?active=1',
    '/users?id=1&id=2&name=',
    '/users?q=a+b%20c&flag',
    '/users?',
    '?a=1',
    '/a b/ü/日本',
    '/a%20b',
    '/users#part',
    '/users?a=1#part',
    '/a;b=1/c,d/e:f/@g',
    '/a//b',
    "/it's/(a)/[b]*!~",
    '/x?1=one&b=2&0=zero',
    '/x?a=%E4&b=%',
    '/x?constructor=2',
  ),
);

// No content type that is taken away again, nor one for a form, and no two names that differ only in case: see the differences.
const typeName = fc.constantFrom('Content-Type', 'content-type');
const otherName = fc.constantFrom('x-trace', 'X-Other', 'Accept', 'Authorization', 'x-api-key');
const headers = fc.option(
  fc
    .uniqueArray(
      fc.oneof(
        fc.tuple(typeName, fc.constantFrom('text/plain', 'application/json', 'application/x-www-form-urlencoded')),
        fc.tuple(
          otherName,
          fc.constantFrom<unknown>('a', ' b ', 'application/json', 'Bearer t', '', 1, undefined, null, false),
        ),
      ),
      { selector: ([name]) => name.toLowerCase(), maxLength: 4 },
    )
    .map((entries) => Object.fromEntries(entries)),
  { nil: null },
);
const queryStringParameters = fc.option(
  fc.dictionary(
    fc.constantFrom('a', 'id', 'q', 'ü', 'a b', '1', 'constructor'),
    fc.constantFrom<unknown>(
      '',
      '1',
      'a b',
      "ü&=+'()*!~",
      0,
      -1.5,
      NaN,
      Infinity,
      true,
      false,
      null,
      undefined,
      [1, 2],
      ['a', null],
      {},
      new Date(0),
    ),
    { maxKeys: 3 },
  ),
  { nil: null },
);
const body = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    'text',
    ' padded ',
    '{"a":1}',
    0,
    42,
    true,
    false,
    [],
    {},
    { a: undefined, b: [null] },
  ),
  fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown),
  fc.constantFrom(new Date(0), new Map([['a', 1]]), new URLSearchParams('a=1'), { toJSON: () => 'own' }),
);

const init = fc.oneof(
  {
    arbitrary: fc
      .record(
        {
          headers,
          queryStringParameters,
          body: fc.oneof({ arbitrary: body.map((value) => () => value), weight: 6 }, fc.constant(makeForm)),
          response: fc.boolean(),
          responseType: fc.constantFrom('json', 'text', 'arraybuffer', undefined, null, ''),
          timeout: fc.constantFrom(0, 20_000, undefined, null),
          withCredentials: fc.constantFrom(true, false, undefined),
        },
        { requiredKeys: [] },
      )
      .map(({ body: makeBody, ...rest }) => () => ({
        ...rest,
        ...(makeBody && { body: makeBody() }),
        ...(makeBody === makeForm && { headers: { 'x-trace': 'form' } }),
      })),
    weight: 8,
  },
  fc.constantFrom(null, undefined),
);

function makeForm(): FormData {
  const form = new FormData();
  form.append('name', 'Ada');
  return form;
}

const answer = (status: number, text: string, more: Record<string, string> = {}): Answer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...more },
  body: text,
});

const answers = fc.oneof(
  {
    arbitrary: fc.constantFrom<Answer[]>(
      [answer(200, '{"name":"users"}', { 'x-answer': 'a, b' })],
      [answer(200, '')],
      [answer(200, 'null')],
      [answer(200, '"ü"')],
      [answer(200, 'plain', { 'content-type': 'text/plain' })],
      [answer(200, '{"broken":')],
      [answer(201, '[1]')],
      [answer(204, '')],
    ),
    weight: 6,
  },
  {
    arbitrary: fc.constantFrom<Answer[]>(
      [answer(400, '{"message":"no"}')],
      [answer(403, '{"message":"Forbidden"}')],
      [answer(404, 'not here')],
      [answer(422, '')],
      [answer(429, '{}')],
      [answer(500, '{"a":1}')],
      [answer(503, '')],
      [answer(304, '')],
      [{ kind: 'reset' }],
      [{ kind: 'silence' }],
    ),
    weight: 3,
  },
);

export const v5Case: fc.Arbitrary<V5Case> = fc
  .record({
    verb: fc.constantFrom(...verbs),
    service: fc.oneof(
      { arbitrary: fc.constantFrom(...(Object.keys(v5Services) as (keyof typeof v5Services)[])), weight: 10 },
      { arbitrary: fc.constant('nobody' as const), weight: 1 },
    ),
    path,
    init,
    isSignedIn: fc.boolean(),
    answers,
    cancelling: fc.option(
      fc.record({ when: fc.constant('at once' as const), message: fc.constantFrom(undefined, '', 'enough') }),
      { nil: undefined, freq: 8 },
    ),
  })
  .map((one) => {
    // A silent target needs somebody who gives up, in one way only.
    if (one.answers[0]?.kind !== 'silence') return one;
    if (one.service === 'nobody') return { ...one, answers: [answer(200, '')] };
    const rest = () => ({ ...one.init?.(), timeout: one.isSignedIn ? 40 : 0 });
    const cancelling = one.isSignedIn ? undefined : { when: 'on arrival' as const, message: one.cancelling?.message };
    return { ...one, init: rest, cancelling };
  });
