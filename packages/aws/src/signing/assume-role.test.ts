import { expect, test } from '@jest/globals';
import { assumeRole } from './assume-role.ts';

const roleArn = 'arn:aws:iam::111122223333:role/bridge';
const answer = (expiration: string) => `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/bridge/test</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>a/b+c=</SecretAccessKey>
      <SessionToken>t/o+k==</SessionToken><Expiration>${expiration}</Expiration>
    </Credentials>
  </AssumeRoleResult>
</AssumeRoleResponse>`;

function makeRole(respond: () => Response, region = 'eu-west-1') {
  const requests: { readonly url: string; readonly init: RequestInit }[] = [];
  const clock = { now: Date.parse('2026-11-26T08:00:00Z') };
  const credentials = assumeRole({
    roleArn,
    sessionName: 'test',
    region,
    credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    fetch: async (url, init) => {
      requests.push({ url: String(url), init: init ?? {} });
      return respond();
    },
    now: () => clock.now,
  });
  return { requests, clock, credentials };
}

test('one request serves concurrent callers, and the next one is made before the credentials expire', async () => {
  const { requests, clock, credentials } = makeRole(() => new Response(answer('2026-11-26T09:00:00Z')));
  const [first, second] = await Promise.all([credentials(), credentials()]);
  expect(first).toEqual({ accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'a/b+c=', sessionToken: 't/o+k==' });
  expect([second, requests.length]).toEqual([first, 1]);
  clock.now += 54 * 60_000;
  await credentials();
  expect(requests).toHaveLength(1);
  clock.now += 2 * 60_000;
  await credentials();
  expect(requests).toHaveLength(2);
  const [{ url, init } = { url: '', init: {} }] = requests;
  expect(url).toBe('https://sts.eu-west-1.amazonaws.com/');
  expect(String(init.body)).toBe(
    'Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fbridge&RoleSessionName=test',
  );
  expect(new Headers(init.headers).get('authorization')).toContain('/eu-west-1/sts/aws4_request');
});

test.each<[string, () => Response, string]>([
  [
    'a refusal',
    () => new Response('<Error><Code>AccessDenied</Code><Message>not you</Message></Error>', { status: 403 }),
    'HTTP 403 AccessDenied not you',
  ],
  ['an answer without credentials', () => new Response('<x/>'), 'the answer has no credentials'],
])('%s is an error that names the role, and the next call asks again', async (_, respond, message) => {
  const { requests, credentials } = makeRole(respond);
  for (const _again of [1, 2]) {
    await expect(credentials()).rejects.toMatchObject({
      code: 'CredentialsMissing',
      message: `The role ${roleArn} can't be assumed: ${message}`,
    });
  }
  expect(requests).toHaveLength(2);
});

test('a failing connection is an error of the same kind', async () => {
  const { credentials } = makeRole(() => {
    throw new TypeError('fetch failed');
  });
  await expect(credentials()).rejects.toMatchObject({
    code: 'CredentialsMissing',
    message: expect.stringContaining(roleArn),
  });
});

test.each([
  ['us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com/'],
  ['cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn/'],
  ['eusc-de-east-1', 'https://sts.eusc-de-east-1.amazonaws.eu/'],
])('in %s it asks the STS of that partition', async (region, url) => {
  const { requests, credentials } = makeRole(() => new Response(answer('2026-11-26T09:00:00Z')), region);
  await credentials();
  expect(requests.map((request) => request.url)).toEqual([url]);
  expect(new Headers(requests[0]?.init.headers).get('authorization')).toContain(`/${region}/sts/aws4_request`);
});
