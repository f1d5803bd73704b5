import { describe, expect, test } from '@jest/globals';
import { createHandler, type HandlerOptions } from './create-handler.ts';

const event = {
  RequestType: 'Create',
  RequestId: 'request-1',
  StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app/0b1c',
  LogicalResourceId: 'Users',
  ResponseURL: 'https://bucket.example/answer?X-Amz-Signature=presigned',
  ResourceProperties: { Service: 'users', Stage: 'dev', Target: 'https://api.example.com' },
};
const context = {
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:registrar',
  getRemainingTimeInMillis: () => 30_000,
};

interface Sent {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

/** A handler whose registry answers by the given function, with what it has sent to CloudFormation and to its log. */
function start(askRegistry: (request: Request) => Promise<Response>, options: Partial<HandlerOptions> = {}) {
  const answers: Sent[] = [];
  const lines: string[] = [];
  const timeouts: number[] = [];
  const handler = createHandler({
    environment: {
      REGISTRY_URL: 'https://registry.example/graphql',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-key',
      AWS_SESSION_TOKEN: 'session-token',
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (request.url.startsWith('https://registry.example')) return askRegistry(request);
      answers.push((await request.json()) as Sent);
      return new Response();
    },
    findGraphqlApi: async () => undefined,
    sleep: async () => undefined,
    now: Date.now,
    random: () => 0,
    startTimeout: (milliseconds) => {
      timeouts.push(milliseconds);
      return new AbortController().signal;
    },
    log: (line) => lines.push(line),
    ...options,
  });
  return { handler, answers, lines, timeouts };
}

async function register(request: Request): Promise<Response> {
  const { query } = (await request.json()) as { query: string };
  const field = query.includes('deregisterEndpoint') ? 'deregisterEndpoint' : 'registerEndpoint';
  return Response.json({ data: { [field]: { change: 'registered', revision: '1.2', endpoint: null } } });
}

describe('the handler', () => {
  test('signs its request to the registry for AppSync with the credentials that Lambda holds now', async () => {
    const seen: Headers[] = [];
    const { handler, answers } = start((request) => {
      seen.push(request.headers);
      return register(request);
    });
    await handler(event, context);
    expect(answers).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(seen[0]?.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/appsync\/aws4_request/,
    );
    expect(seen[0]?.get('x-amz-security-token')).toBe('session-token');
  });

  test('writes neither the signed URL nor credentials to its log', async () => {
    const { handler, lines } = start(register);
    await handler(event, context);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      RequestType: 'Create',
      status: 'SUCCESS',
      LogicalResourceId: 'Users',
    });
    expect(lines[0]).not.toMatch(/presigned|secret-key|session-token/);
  });

  test('ends a write early enough for a Delete beside it, and a Delete in time for its answer', async () => {
    const created = start(register);
    await created.handler(event, context);
    expect(created.timeouts).toEqual([15_000, 25_000, 29_500]);
    const deleted = start(register);
    await deleted.handler({ ...event, RequestType: 'Delete', PhysicalResourceId: 'x' }, context);
    expect(deleted.timeouts).toEqual([22_500, 25_000, 29_500]);
  });

  test('answers before its own time is up, whatever hangs', async () => {
    const { handler, answers } = start(() => new Promise(() => undefined), {
      startTimeout: () => AbortSignal.abort(new Error('late')),
    });
    await expect(handler(event, context)).rejects.toThrow(); // the answer had no time either
    expect(answers).toEqual([]);
    const alarm = new AbortController();
    const late = start(
      () => {
        alarm.abort();
        return new Promise(() => undefined);
      },
      { startTimeout: (milliseconds) => (milliseconds === 25_000 ? alarm.signal : new AbortController().signal) },
    );
    await late.handler(event, context);
    expect(late.answers).toMatchObject([
      {
        Status: 'FAILED',
        Reason: expect.stringContaining('had no answer from the registry or AppSync within its 25 s'),
      },
    ]);
  });

  test('answers a failure of its own code with FAILED', async () => {
    const { handler, answers } = start(register, {
      findGraphqlApi: () => {
        throw new TypeError('a defect');
      },
    });
    const { Target: _, ...properties } = event.ResourceProperties;
    await handler({ ...event, ResourceProperties: { ...properties, GraphqlApiId: 'x' } }, context);
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('a defect') }]);
  });

  test('gives a Create that failed its real id once something may have been registered, and none of ours before', async () => {
    const denied = start(async () => new Response(null, { status: 403 }));
    await denied.handler(event, context);
    expect(denied.answers).toMatchObject([
      { Status: 'FAILED', PhysicalResourceId: expect.stringMatching(/^discovery:dev\/users\/default:/) },
    ]);
    const invalid = start(register);
    await invalid.handler({ ...event, ResourceProperties: {} }, context);
    expect(invalid.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: 'discovery:not-registered' }]);
  });

  test('gives an Update that failed the id from before it: anything else would make CloudFormation delete that', async () => {
    const { handler, answers } = start(async () => new Response(null, { status: 403 }));
    await handler({ ...event, RequestType: 'Update', PhysicalResourceId: 'before' }, context);
    expect(answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: 'before' }]);
  });

  test.each([
    undefined,
    null,
    5,
    {},
    { ...event, ResponseURL: '' },
    { ...event, RequestType: 'Read' },
    { ...event, RequestType: 'Delete' },
  ])('rejects what is no event of a custom resource: %j', async (input) => {
    const { handler, answers } = start(register);
    await expect(handler(input, context)).rejects.toMatchObject({ code: 'InvalidOptions' });
    expect(answers).toEqual([]);
  });
});

describe('a stack of another account', () => {
  const accountArn = `${context.invokedFunctionArn}:account-444455556666`;

  test('is refused by the alias of an account that is not its own, before anything is written', async () => {
    const asked: Request[] = [];
    const { handler, answers } = start((request) => {
      asked.push(request);
      return register(request);
    });
    for (const RequestType of ['Create', 'Delete'] as const) {
      const PhysicalResourceId = 'discovery:dev/users/default:0';
      await handler({ ...event, RequestType, PhysicalResourceId }, { ...context, invokedFunctionArn: accountArn });
    }
    expect(answers.map(({ Status }) => Status)).toEqual(['FAILED', 'FAILED']);
    expect(answers[0]?.Reason).toContain('RegistryDenied: The registrar was called as account-444455556666');
    expect(asked).toEqual([]);
  });

  const describing = {
    ...event,
    StackId: event.StackId.replace('111122223333', '444455556666'),
    ResourceType: 'Custom::ServiceRegistry',
  };
  const environment = {
    REGISTRY_URL: 'https://registry.example/graphql',
    REGISTRY_NAME: 'default',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret-key',
  };

  /** SSM with these parameters. */
  function startSsm(parameters: Readonly<Record<string, string>>) {
    const answered: (Sent & { readonly Data?: object })[] = [];
    const requests: Request[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.startsWith('https://ssm.')) {
        answered.push((await request.json()) as Sent);
        return new Response();
      }
      requests.push(request);
      const { Names } = (await request.json()) as { Names: string[] };
      const there = Names.filter((name) => Object.hasOwn(parameters, name));
      return Response.json({ Parameters: there.map((Name) => ({ Name, Value: parameters[Name] })) });
    };
    return { requests, answered, handler: start(register, { fetch, environment }).handler };
  }

  test('is told where the registry is and how it is read, from what the registry has published', async () => {
    const { handler, answered, requests } = startSsm({
      '/amplify-discovery/default/url': 'https://x.example/graphql',
      '/amplify-discovery/default/api-arn': 'arn:api',
      '/amplify-discovery/default/service-token': 'arn:function',
      '/amplify-discovery/default/snapshot-url': 'https://cdn.example/{stage}.public.json',
      '/amplify-discovery/other/api-key': 'da2-other',
    });
    await handler(describing, { ...context, invokedFunctionArn: accountArn });
    expect(answered).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'discovery-registry:default' }]);
    expect(answered[0]?.Data).toEqual({
      Region: 'eu-west-1',
      Url: 'https://x.example/graphql',
      ApiArn: 'arn:api',
      SnapshotUrl: 'https://cdn.example/{stage}.public.json',
    });
    expect(requests[0]?.headers.get('authorization')).toContain('/eu-west-1/ssm/aws4_request');
  });

  test('is not told by a registry without a name, and its Delete does nothing', async () => {
    const { handler, answers } = start(register, { environment: { ...environment, REGISTRY_NAME: '' } });
    await handler(describing, context);
    expect(answers[0]).toMatchObject({ Status: 'FAILED' });
    expect(answers[0]?.Reason).toContain('publishes itself under no name');
    await handler({ ...describing, RequestType: 'Delete', PhysicalResourceId: 'p' }, context);
    expect(answers[1]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'p' });
  });

  test('learns that the registrar may not read the parameters', async () => {
    const answers: Sent[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.url.startsWith('https://ssm.')) return new Response('AccessDenied', { status: 400 });
      answers.push((await request.json()) as Sent);
      return new Response();
    };
    const { handler } = start(register, { fetch, environment });
    await handler(describing, context);
    expect(answers[0]?.Reason).toContain("RegistryDenied: The registry's parameters: SSM answered HTTP 400");
  });
});
