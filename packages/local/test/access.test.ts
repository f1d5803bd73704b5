import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Sha256 } from '@aws-crypto/sha256-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiKeyTransport, registrySource } from '@amplify-discovery/registry';
import { findService, listStages, registerEndpoint } from '@amplify-discovery/registry/operations';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import { SignatureV4 } from '@smithy/signature-v4';
import { startLocalRegistry, type LocalRegistry } from '../src/index.ts';

let registry: LocalRegistry;
beforeAll(async () => {
  registry = await startLocalRegistry();
  const endpoint = {
    stage: 'dev',
    service: 'users',
    kind: 'rest',
    target: 'https://users.example.com',
    owner: 'stack-1',
  } as const;
  await registerEndpoint(sigv4Transport(registry), endpoint);
});
afterAll(() => registry.stop());

const stagesQuery = JSON.stringify({ query: '{ stages { stages } }' });
const snapshotQuery = JSON.stringify({ query: '{ snapshot(stage: "dev") { endpoints { service } } }' });

async function post(headers: Record<string, string>, body: string = stagesQuery) {
  const response = await fetch(registry.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}
interface Answer {
  data?: Record<string, unknown> | null;
  errors?: {
    path?: unknown;
    errorType?: string;
    message: string;
    errorInfo?: unknown;
    data?: unknown;
    locations?: unknown;
  }[];
}

/** Signs with AWS's own signer, so that the check doesn't only fit the signer that we ship. */
async function sign(
  change: Partial<{
    accessKeyId: string;
    secretAccessKey: string;
    region: string;
    service: string;
    date: Date;
    headers: Record<string, string>;
    body: string;
  }> = {},
) {
  const { hostname, port, host } = new URL(registry.url);
  const { region = registry.region, service = 'appsync', date = new Date(), headers = {}, body = stagesQuery } = change;
  const credentials = { ...registry.credentials, ...change };
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: '/graphql',
      headers: { host, ...headers },
      body,
      query: {},
    },
    { signingDate: date },
  );
  const { host: _, ...sent } = signed.headers as Record<string, string>;
  return sent;
}
const minutes = (count: number) => new Date(Date.now() + count * 60_000);

describe('a machine whose clock is wrong', () => {
  const hour = 60 * 60_000;

  test.each([-hour, hour])('off by %i ms is corrected by the registry’s time', async (offset) => {
    let requests = 0;
    const transport = sigv4Transport({
      ...registry,
      now: () => Date.now() + offset,
      fetch: (...request) => {
        requests += 1;
        return fetch(...request);
      },
    });
    expect(await listStages(transport)).toEqual(['dev']);
    expect(await listStages(transport)).toEqual(['dev']);
    expect(requests).toBe(3);
  });

  test('is named in the error when the registry’s time cannot be read', async () => {
    const transport = sigv4Transport({
      ...registry,
      now: () => Date.now() - hour,
      async fetch(...request) {
        const answer = await fetch(...request);
        return new Response(await answer.text(), { status: answer.status });
      },
    });
    const expected = { code: 'ClockSkewed', recoverySuggestion: expect.stringContaining('clock') };
    await expect(listStages(transport)).rejects.toMatchObject(expected);
    const { signal } = new AbortController();
    await expect(registrySource({ transport }).load({ stage: 'dev', signal })).rejects.toMatchObject(expected);
  });
});

describe('an API key', () => {
  test('reads a stage', async () => {
    expect(await post({ 'x-api-key': registry.apiKey }, snapshotQuery)).toMatchObject({
      status: 200,
      body: { data: { snapshot: { endpoints: [{ service: 'users' }] } } },
    });
  });

  test('can neither list stages nor find a service in other stages', async () => {
    for (const body of [stagesQuery, JSON.stringify({ query: '{ service(name: "users") { endpoints { id } } }' })]) {
      const answer = await post({ 'x-api-key': registry.apiKey }, body);
      expect(answer).toMatchObject({ status: 200, body: { data: null, errors: [{ errorType: 'Unauthorized' }] } });
    }
  });

  test.each([
    ['a wrong one', 'da2-wrong'],
    ['an empty one', ''],
    ['the right one and more', 'right+'],
  ])('%s is refused with 401', async (_, key) => {
    const answer = await post({ 'x-api-key': key === 'right+' ? `${registry.apiKey}x` : key });
    expect(answer).toMatchObject({ status: 401, body: { errors: [{ errorType: 'UnauthorizedException' }] } });
    expect(answer.body.data).toBeUndefined();
  });

  test('cannot write', async () => {
    const endpoint = {
      stage: 'dev',
      service: 'evil',
      kind: 'rest',
      target: 'https://evil.example.com',
      owner: 'me',
    } as const;
    await expect(registerEndpoint(apiKeyTransport(registry), endpoint)).rejects.toMatchObject({
      code: 'RegistryDenied',
    });
    expect(await findService(sigv4Transport(registry), 'evil')).toEqual([]);
  });

  test('gets null and an Unauthorized error for owner, token, actor and times, as from AppSync', async () => {
    const query = '{ snapshot(stage: "dev") { endpoints { target owner token actor registeredAt updatedAt } } }';
    const { status, body } = await post({ 'x-api-key': registry.apiKey }, JSON.stringify({ query }));
    expect(status).toBe(200);
    expect(body.data).toEqual({
      snapshot: {
        endpoints: [
          {
            target: 'https://users.example.com',
            owner: null,
            token: null,
            actor: null,
            registeredAt: null,
            updatedAt: null,
          },
        ],
      },
    });
    expect(body.errors).toHaveLength(5);
    expect(body.errors).toContainEqual({
      path: ['snapshot', 'endpoints', 0, 'owner'],
      data: null,
      errorType: 'Unauthorized',
      errorInfo: null,
      locations: [{ line: 1, column: 47, sourceName: null }],
      message: 'Not Authorized to access owner on type Endpoint',
    });
  });

  test('a request without credentials is refused with 401', async () => {
    expect(await post({})).toMatchObject({ status: 401, body: { errors: [{ errorType: 'UnauthorizedException' }] } });
  });
});

describe('a signature', () => {
  test('by AWS\u2019s own signer is accepted, and may read the owner', async () => {
    const body = JSON.stringify({ query: '{ snapshot(stage: "dev") { endpoints { owner } } }' });
    expect(await post(await sign({ body }), body)).toEqual(
      expect.objectContaining({ status: 200, body: { data: { snapshot: { endpoints: [{ owner: 'stack-1' }] } } } }),
    );
  });

  test('is accepted with x-amz-content-sha256 signed, and with a clock that is 4 minutes off', async () => {
    const hash = createHash('sha256').update(stagesQuery).digest('hex');
    expect((await post(await sign({ headers: { 'x-amz-content-sha256': hash } }))).status).toBe(200);
    expect((await post(await sign({ date: minutes(-4) }))).status).toBe(200);
  });

  test.each([
    ['with a wrong secret', () => sign({ secretAccessKey: 'wrong' })],
    ['with a wrong access key id', () => sign({ accessKeyId: 'WRONG' })],
    ['for another region', () => sign({ region: 'eu-central-1' })],
    ['for another service', () => sign({ service: 'execute-api' })],
    ['that is 6 minutes old', () => sign({ date: minutes(-6) })],
    ['from 6 minutes ahead', () => sign({ date: minutes(6) })],
    ['of another body', () => sign({ body: '{"query":"{ __typename }"}' })],
    ['with another date sent than signed', async () => ({ ...(await sign()), 'x-amz-date': '20200101T000000Z' })],
    [
      'with one digit changed',
      async () => {
        const headers = await sign();
        return {
          ...headers,
          authorization: headers.authorization!.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
        };
      },
    ],
    [
      'without the host signed',
      async () => {
        const headers = await sign();
        return { ...headers, authorization: headers.authorization!.replace('host;', '') };
      },
    ],
    [
      'that states the hash of another body',
      async () => ({ ...(await sign()), 'x-amz-content-sha256': createHash('sha256').update('other').digest('hex') }),
    ],
    ['that is a bearer token', async () => ({ authorization: 'Bearer abc' })],
    [
      'that is empty, beside a right API key',
      async () => ({ authorization: 'AWS4-HMAC-SHA256 ', 'x-api-key': registry.apiKey }),
    ],
  ])('%s is refused with 403', async (_, makeHeaders) => {
    const answer = await post(await makeHeaders());
    expect(answer).toMatchObject({ status: 403, body: { errors: [{ errorType: 'InvalidSignatureException' }] } });
    expect(JSON.stringify(answer.body)).not.toContain(registry.credentials.secretAccessKey);
  });

  test('a wrong key id and a wrong secret get the same answer', async () => {
    const [first, second] = [
      await post(await sign({ secretAccessKey: 'wrong' })),
      await post(await sign({ accessKeyId: 'WRONG' })),
    ];
    expect(first.body).toEqual(second.body);
  });
});

describe('a browser page', () => {
  const preflight = (origin: string) =>
    fetch(registry.url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  test.each(['http://localhost:5173', 'http://127.0.0.1:3000', 'http://[::1]:8080'])(
    'of this machine (%s) may read',
    async (origin) => {
      const allowed = await preflight(origin);
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
      expect(allowed.headers.get('access-control-allow-headers')).toContain('x-api-key');
      const answer = await post({ origin, 'x-api-key': registry.apiKey });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    },
  );

  test.each(['https://evil.example.com', 'http://localhost.evil.com', 'http://localhost:1@evil.com', 'null'])(
    'of elsewhere (%s) is refused, key or not',
    async (origin) => {
      const refused = await preflight(origin);
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      expect((await post({ origin, 'x-api-key': registry.apiKey })).status).toBe(403);
    },
  );
});

/** Sends what fetch wouldn't, such as another Host header. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(registry.port, '127.0.0.1', () => socket.end(text));
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('a request', () => {
  test.each(['evil.example.com', 'localhost.evil.com', '127.0.0.1.evil.com:80'])(
    'for the host %s is refused',
    async (host) => {
      const answer = await sendRaw(
        `POST /graphql HTTP/1.1\r\nHost: ${host}\r\nx-api-key: ${registry.apiKey}\r\nContent-Length: ${stagesQuery.length}\r\nConnection: close\r\n\r\n${stagesQuery}`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 403 /);
      expect(answer).not.toContain('"dev"');
    },
  );

  test('over 1 MB is refused with 413', async () => {
    const response = await fetch(registry.url, {
      method: 'POST',
      headers: { 'x-api-key': registry.apiKey },
      body: 'x'.repeat(1024 * 1024 + 1),
    }).catch(() => undefined);
    // The server may close before the client has sent all of it.
    expect([413, undefined]).toContain(response?.status);
    expect((await post({ 'x-api-key': registry.apiKey })).status).toBe(200);
  });

  test.each([
    ['no JSON', 'x'],
    ['no query', '{}'],
    ['null', 'null'],
    ['a query that is none', '{"query":"{{{"}'],
    ['variables that are a list', '{"query":"{ stages { stages } }","variables":[1]}'],
    ['a subscription', JSON.stringify({ query: 'subscription { onStageChange(stage: "dev") { stage } }' })],
  ])('with %s is answered with 400 and an errorType', async (_, body) => {
    expect(await post({ 'x-api-key': registry.apiKey }, body)).toMatchObject({
      status: 400,
      body: { errors: [{ errorType: expect.any(String) }] },
    });
  });

  test('for another path is answered with 404, and by GET with 405', async () => {
    expect((await fetch(new URL('/other', registry.url))).status).toBe(404);
    expect((await fetch(registry.url)).status).toBe(405);
  });

  test.each([
    'x',
    '{}',
    '[]',
    '{"next":null}',
    '{"next":5,"a":0,"b":0}',
    '{"next":null,"a":-1,"b":0}',
    '{"next":null,"a":1.5,"b":0}',
    '{"next":"eA","a":0,"b":0}',
    '{"next":"e30","a":0,"b":0}',
  ])('with the malformed nextToken %s gets an error, not a crash', async (nextToken) => {
    const query = 'query($nextToken: String) { snapshot(stage: "dev", nextToken: $nextToken) { revision } }';
    const { status, body } = await post(
      { 'x-api-key': registry.apiKey },
      JSON.stringify({ query, variables: { nextToken } }),
    );
    expect(status).toBe(200);
    expect(body.data).toBeNull();
    expect(body.errors?.[0]?.errorType).toMatch(/^(InvalidOptions|DynamoDB:ValidationException)$/);
  });

  test('is counted by its root fields, or as denied', async () => {
    const before = { ...registry.requests };
    await post({ 'x-api-key': registry.apiKey });
    await post({});
    expect(registry.requests.stages).toBe((before.stages ?? 0) + 1);
    expect(registry.requests.denied).toBe((before.denied ?? 0) + 1);
  });
});

test('an expired API key is refused as by AppSync', async () => {
  const expiresAt = 1_000_000;
  let time = expiresAt - 1;
  const expiring = await startLocalRegistry({ apiKeyExpiresAt: expiresAt, now: () => time });
  const ask = async () => {
    const headers = { 'content-type': 'application/json', 'x-api-key': expiring.apiKey };
    const response = await fetch(expiring.url, { method: 'POST', headers, body: snapshotQuery });
    return [response.status, ((await response.json()) as Answer).errors?.[0]?.errorType];
  };
  try {
    expect(await ask()).toEqual([200, undefined]);
    time = expiresAt;
    expect(await ask()).toEqual([401, 'UnauthorizedException']);
  } finally {
    await expiring.stop();
  }
});
