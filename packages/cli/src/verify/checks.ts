import { isDiscoveryError, type TrustedKey } from '@amplify-discovery/core';
import { signingFetch } from '@amplify-discovery/aws';
import { httpTransport, registrySource } from '@amplify-discovery/registry';
import { deregisterEndpoint, findService, listStages, registerEndpoint } from '@amplify-discovery/registry/operations';
import { createSnapshotSource } from '@amplify-discovery/snapshots';
import type { Lab } from './lab.ts';
import { listenForNotice } from './listen-for-notice.ts';

/** One thing that is looked at. */
export interface Check {
  readonly name: string;
  /** Why it can't be checked against an emulator; absent where it can. */
  readonly needsAws?: string;
  /** Rejects with what is wrong. What it resolves to is a remark for the report. */
  run(lab: Lab): Promise<string | void>;
}

const users = 'verify-users';
const orders = 'verify-orders';

/** In this order: each leaves the registry as the next one expects it. */
export const checks: readonly Check[] = [
  {
    name: 'two services are registered when their stacks are deployed',
    async run(lab) {
      // One after the other: the next one shall not hide what the first one does.
      expectStatus(await lab.deployService('users', [users], { isPublic: true }), 'CREATE_COMPLETE');
      expectStatus(await lab.deployService('orders', [orders]), 'CREATE_COMPLETE');
      expectSame(await listServices(lab, 'iam'), [orders, users], 'services');
    },
  },
  {
    name: 'IAM reads every record, with owner and token',
    async run(lab) {
      const [record] = await findService(lab.iam, users, { withOwner: true, signal: lab.signal });
      expectThat(/^arn:aws.*:stack\/.*#Endpoint0$/.test(record?.owner ?? ''), `owner: ${record?.owner}`);
      expectThat(Boolean(record?.token), 'there is no token');
    },
  },
  {
    name: 'an API key reads what is public, and nothing else',
    async run(lab) {
      expectSame(await listServices(lab, 'key'), [users], 'services');
    },
  },
  {
    name: 'an API key writes nothing, and lists no stages',
    needsAws: 'the emulator does not look at the directives of the schema',
    async run(lab) {
      await expectRefusal('a write', () => registerEndpoint(lab.key, makeInput(lab, 'verify-forged')));
      await expectRefusal('the list of stages', () => listStages(lab.key));
    },
  },
  {
    name: 'a request without credentials, and one with a wrong key, are refused',
    needsAws: 'the emulator lets in every caller',
    async run(lab) {
      const nothing: Record<string, string> = {};
      for (const headers of [nothing, { 'x-api-key': 'da2-00000000000000000000000000' }]) {
        const { url } = lab.deployed;
        const transport = httpTransport({ url, fetch: lab.fetch, headers });
        await expectRefusal('reading', () => load(lab, registrySource({ transport, timeoutMs: 20_000 })));
      }
    },
  },
  {
    name: 'a signed-in user of the pool reads, and writes nothing',
    needsAws: 'the emulator does not look at who has signed in',
    async run(lab) {
      const token = await signIn(lab);
      const { url } = lab.deployed;
      const transport = httpTransport({ url, fetch: lab.fetch, headers: { authorization: token } });
      const answer = await load(lab, registrySource({ transport, timeoutMs: 20_000 }));
      expectSame(answer.services, [orders, users], 'services');
      await expectRefusal('a write', () => registerEndpoint(transport, makeInput(lab, 'verify-forged')));
    },
  },
  {
    name: 'nobody writes in the name of a stack but a registrar',
    async run(lab) {
      const [record] = await findService(lab.iam, users, { withOwner: true, signal: lab.signal });
      const owner = record?.owner ?? '';
      await expectRefusal('a registration', () => registerEndpoint(lab.iam, { ...makeInput(lab, users), owner }));
      await expectRefusal('a removal', () => deregisterEndpoint(lab.iam, { stage: lab.stage, service: users, owner }));
    },
  },
  {
    name: 'a reader keeps the contract of a source: unchanged, services, an empty stage',
    async run(lab) {
      const { revision } = await load(lab, lab.iamSource);
      const { signal, stage } = lab;
      const again = await lab.iamSource.load({ stage, knownRevision: revision, signal });
      expectThat(again.unchanged === true, 'a known revision was not answered unchanged');
      const some = await lab.iamSource.load({ stage, services: [orders], signal });
      expectSame(some.unchanged ? [] : some.endpoints.map(nameOf), [orders], 'services that were asked for');
      const empty = await lab.iamSource.load({ stage: 'verify-nothing', signal });
      expectThat(!empty.unchanged && empty.endpoints.length === 0, 'a stage without endpoints is not empty');
    },
  },
  {
    name: 'the published snapshots are signed, and verified by the stack’s own keys',
    async run(lab) {
      const trustedKeys = JSON.parse(lab.deployed.trustedKeys) as TrustedKey[];
      const { region, credentials, stage, signal } = lab;
      const s3 = signingFetch({ service: 's3', region, credentials, fetch: lab.fetch });
      const read = (url: string, fetch: typeof globalThis.fetch) =>
        createSnapshotSource({ url, trustedKeys, fetch, now: lab.now }).load({ stage, signal });
      // The stream and CloudFront's cache take their time.
      await expectSoon(lab, 90_000, async () => {
        const full = await read(lab.deployed.snapshotUrl, s3);
        expectSame(full.unchanged ? [] : full.endpoints.map(nameOf).sort(), [orders, users], 'full snapshot');
        const shown = await read(lab.deployed.publicSnapshotUrl, lab.fetch);
        expectSame(shown.unchanged ? [] : shown.endpoints.map(nameOf), [users], 'public snapshot');
      });
    },
  },
  {
    name: 'a name that another stack holds is refused, and the stack rolls back',
    async run(lab) {
      expectStatus(await lab.deployService('rival', [users]), 'ROLLBACK_COMPLETE');
      await lab.stacks.remove(`${lab.name}-rival`);
      expectSame(await listServices(lab, 'iam'), [orders, users], 'services');
    },
  },
  {
    name: 'an update that fails rolls the registration back to what it was',
    async run(lab) {
      const end = await lab.deployService('orders', [orders, users], { version: '2.0.0' });
      expectStatus(end, 'UPDATE_ROLLBACK_COMPLETE');
      const [record] = await findService(lab.iam, orders, { signal: lab.signal });
      expectSame([record?.version ?? ''], ['1.0.0'], 'version');
    },
  },
  {
    name: 'a late Delete removes nothing',
    needsAws: 'the emulator does not sign ResponseURLs, so no event says when it was made',
    async run(lab) {
      const [record] = await findService(lab.iam, users, { withOwner: true, signal: lab.signal });
      const [StackId = '', LogicalResourceId = ''] = (record?.owner ?? '').split('#');
      // As CloudFormation has signed it an hour ago. The answer goes nowhere, so the invocation itself may fail.
      const signedAt = new Date(lab.now() - 3_600_000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      await lab.invoke(lab.deployed.registrarName, {
        RequestType: 'Delete',
        RequestId: `late-${lab.now()}`,
        StackId,
        LogicalResourceId,
        ResourceType: 'Custom::ServiceEndpoint',
        ResponseURL: `${lab.deployed.snapshotUrl.replace('{stage}', 'late')}?X-Amz-Date=${signedAt}`,
        PhysicalResourceId: `${StackId.split('/').at(1)}-${LogicalResourceId}-0123456789AB`,
        ResourceProperties: { Service: users, Stage: lab.stage },
      });
      expectSame(await listServices(lab, 'iam'), [orders, users], 'services');
    },
  },
  {
    name: 'a burst of reads is answered or refused as busy, and nothing else',
    needsAws: 'the emulator has no quotas',
    async run(lab) {
      const reads = 400;
      const settled = await Promise.allSettled(Array.from({ length: reads }, () => load(lab, lab.keySource)));
      const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      const other = failures.find((error) => !isDiscoveryError(error) || !error.retryable);
      if (other !== undefined) throw other;
      return `${reads - failures.length} of ${reads} at once were answered, ${failures.length} refused as busy`;
    },
  },
  {
    name: 'an open page is notified of a change',
    needsAws: 'the emulator runs no subscriptions',
    async run(lab) {
      const notice = await listenForNotice(lab);
      await notice.started;
      await registerEndpoint(lab.iam, makeInput(lab, 'verify-notice'), { signal: lab.signal });
      await notice.received;
      const { owner } = makeInput(lab, 'verify-notice');
      await deregisterEndpoint(lab.iam, { stage: lab.stage, service: 'verify-notice', owner }, { signal: lab.signal });
    },
  },
  {
    name: 'the API key is renewed, and stays the same key',
    async run(lab) {
      const { isFailed, text } = await lab.invoke(lab.deployed.renewalName, {});
      expectThat(!isFailed, `the renewal failed: ${text.slice(0, 300)}`);
      expectSame(await listServices(lab, 'key'), [users], 'services that the same key reads');
    },
  },
  {
    name: 'removing the stacks removes what they registered',
    async run(lab) {
      for (const stack of ['users', 'orders']) expectStatus(await lab.stacks.remove(`${lab.name}-${stack}`), 'gone');
      expectSame(await listServices(lab, 'iam'), [], 'services');
    },
  },
];

function makeInput({ stage }: Lab, service: string) {
  return { stage, service, kind: 'http', target: 'https://verify.example.com', owner: 'discovery verify' } as const;
}

async function load({ stage, signal: interrupt }: Lab, source: Lab['iamSource']) {
  // One of its own: hundreds of reads at once would hang as many listeners on the other.
  const signal = AbortSignal.any([interrupt]);
  const answer = await source.load({ stage, signal });
  if (answer.unchanged) throw new Error('unchanged was not expected');
  return { revision: answer.revision, services: answer.endpoints.map(nameOf).sort() };
}

async function listServices(lab: Lab, mode: 'iam' | 'key'): Promise<readonly string[]> {
  return (await load(lab, mode === 'iam' ? lab.iamSource : lab.keySource)).services;
}

function nameOf(endpoint: unknown): string {
  return String((endpoint as { readonly service?: unknown }).service);
}

/** The id token of a user that is made for it. The pool goes with the stack. */
async function signIn(lab: Lab): Promise<string> {
  const { userPoolId: UserPoolId, clientId: ClientId } = lab.deployed;
  const call = (action: string, body: object) =>
    lab.callJson('cognito-idp', `AWSCognitoIdentityProviderService.${action}`, body);
  const [Username, Password] = ['verify', `Verify-${lab.name}-1`];
  await call('AdminCreateUser', { UserPoolId, Username, MessageAction: 'SUPPRESS' });
  await call('AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true });
  const answer = await call('AdminInitiateAuth', {
    UserPoolId,
    ClientId,
    AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: Username, PASSWORD: Password },
  });
  return String((answer.AuthenticationResult as { readonly IdToken?: string } | undefined)?.IdToken);
}

function expectThat(condition: boolean, found: string): void {
  if (!condition) throw new Error(found);
}

function expectSame(found: readonly string[], expected: readonly string[], what: string): void {
  expectThat(
    found.join() === expected.join(),
    `${what}: ${found.join(', ') || 'none'}, not ${expected.join(', ') || 'none'}`,
  );
}

function expectStatus({ status, reason }: { status: string; reason: string }, expected: string): void {
  expectThat(status === expected, `the stack ended as ${status}, not ${expected}. ${reason}`);
}

async function expectRefusal(what: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (isDiscoveryError(error) && error.code === 'RegistryDenied') return;
    throw error;
  }
  throw new Error(`${what} was not refused`);
}

/** Tries again for a while. @throws what the last attempt has found. */
async function expectSoon(lab: Lab, milliseconds: number, attempt: () => Promise<void>): Promise<void> {
  const end = lab.now() + milliseconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (lab.now() > end || lab.signal.aborted) throw error;
    }
    await lab.sleep(2000);
  }
}
