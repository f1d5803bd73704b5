import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFetchListener, startLocalServer, type LocalServer } from '@amplify-discovery/local';
import { memorySource } from '@amplify-discovery/test-rig';
import { scaleRuns } from '@amplify-discovery/test-rig/scale-runs';
import fc from 'fast-check';
import { createFacadeView, createTraefikFacade, requireToken, type Facade } from '../../src/index.ts';
import { hostileRecords, trustedHosts } from '../hostile-records.ts';
import { askJudge } from './ask-judge.ts';

const stage = 'dev';
const token = 'token-of-the-tests';

interface Verdict {
  readonly error?: string;
  /** For each path: null where no router takes it. */
  readonly answers?: readonly (null | {
    readonly service: string;
    readonly path: string;
    readonly loadBalancer: {
      readonly passHostHeader: boolean;
      readonly servers: readonly { readonly url: string; readonly weight: number; readonly preservePath?: boolean }[];
    };
  })[];
}

/** The facade of the path's first part. */
const facades = new Map<string, Facade>();
let server: LocalServer;
beforeAll(async () => {
  const answer: Facade = async (request) => {
    const { pathname, search } = new URL(request.url);
    const [, number = '', rest = ''] = /^\/(\d+)(\/.*)$/.exec(pathname) ?? [];
    const facade = requireToken(facades.get(number) as Facade, token);
    return facade(new Request(`http://127.0.0.1${rest}${search}`, request));
  };
  server = await startLocalServer({ handlers: { '': createFetchListener(answer) } });
});
afterAll(() => server.stop());

function serve(records: readonly { readonly service: string }[], query = ''): string {
  const source = memorySource();
  for (const record of records) source.register({ stage, ...record });
  const number = String(facades.size);
  facades.set(number, createTraefikFacade(createFacadeView({ source, stages: [stage], trustedHosts })));
  return `${server.url}/${number}/traefik${query}`;
}

async function askTraefik(questions: readonly { readonly endpoint: string; readonly paths: readonly string[] }[]) {
  const headers = { authorization: `Bearer ${token}` };
  const lines = await askJudge(
    'traefik-judge',
    questions.map((question) => JSON.stringify({ headers, ...question })),
  );
  return lines.map((line) => JSON.parse(line) as Verdict);
}

test('Traefik’s provider takes the configuration, and its router sends each path to its service without the prefix', async () => {
  const endpoint = serve([
    { service: 'users', id: 'a', target: 'https://a.example.com/prod', weight: 90 },
    { service: 'users', id: 'b', target: 'https://b.example.com/prod', weight: 10 },
    { service: 'user', target: 'https://user.example.com' },
    { service: 'Users.v2', target: 'https://v2.example.com' },
    { service: '__proto__', target: 'https://proto.example.com' },
  ] as never);
  const paths = [
    '/users',
    '/users/',
    '/users/1/a%2Fb',
    '/user/x',
    '/usersx',
    '/Users.v2/x',
    '/Usersxv2/x',
    '/__proto__/x',
    '/',
  ];
  const [{ answers = [], error } = {}] = await askTraefik([{ endpoint, paths }]);
  expect(error).toBeUndefined();
  expect(answers.map((answer) => answer && [answer.service, answer.path])).toEqual([
    ['users', '/'],
    ['users', '/'],
    ['users', '/1/a%2Fb'],
    ['user', '/x'],
    null,
    ['Users.v2', '/x'],
    null,
    ['__proto__', '/x'],
    null,
  ]);
  expect(answers[0]?.loadBalancer).toMatchObject({
    passHostHeader: false,
    servers: [
      { url: 'https://a.example.com/prod', weight: 90, preservePath: true },
      { url: 'https://b.example.com/prod', weight: 10, preservePath: true },
    ],
  });
});

test('Traefik takes an empty configuration, and rules of one’s own', async () => {
  const rule = encodeURIComponent(
    'Host(`traefik.example.com`) && Header(`X-Service`, `{service}`) || Path(`/only/{service}`)',
  );
  const records = [{ service: 'users', target: 'https://a.example.com/prod' }];
  const [empty, own] = await askTraefik([
    { endpoint: serve([]), paths: ['/users'] },
    { endpoint: serve(records, `?rule=${rule}`), paths: ['/only/users', '/users'] },
  ]);
  expect(empty).toEqual({ answers: [null] });
  expect(own?.answers?.map((answer) => answer && [answer.service, answer.path])).toEqual([
    ['users', '/only/users'],
    null,
  ]);
});

test('whatever stands in a snapshot, Traefik takes the configuration and no service gets another one’s requests', async () => {
  const questions: { readonly endpoint: string; readonly paths: readonly string[] }[] = [];
  fc.assert(
    fc.property(hostileRecords, (records) => {
      const paths = records.map(({ service }) => `/${encodeURIComponent(service)}/x`);
      questions.push({ endpoint: serve(records), paths });
    }),
    { numRuns: scaleRuns(100) },
  );
  const verdicts = await askTraefik(questions);
  expect(verdicts.length).toBe(questions.length);
  for (const [index, { error, answers }] of verdicts.entries()) {
    expect([questions[index], error]).toEqual([questions[index], undefined]);
    const { paths } = questions[index] as (typeof questions)[number];
    for (const [place, answer] of (answers ?? []).entries())
      if (answer) expect([`/${answer.service}/x`, answer.path]).toEqual([paths[place], '/x']);
  }
});
