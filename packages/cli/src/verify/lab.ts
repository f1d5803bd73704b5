import { signingFetch, type AwsCredentials } from '@amplify-discovery/aws';
import type { Source } from '@amplify-discovery/core';
import { apiKeyTransport, registrySource, type GraphqlTransport } from '@amplify-discovery/registry';
import { sigv4Transport } from '@amplify-discovery/registry/sigv4';
import type { Shell } from '../terminal/shell.ts';
import type { Buckets } from './buckets.ts';
import { planServiceTemplate } from './plan-service-template.ts';
import type { StackEnd, Stacks } from './stacks.ts';

/** What the registry's stack has, by the names of its outputs. */
export interface Deployed {
  readonly url: string;
  readonly apiKey: string;
  readonly serviceToken: string;
  readonly registrarName: string;
  readonly renewalName: string;
  readonly bucket: string;
  readonly snapshotUrl: string;
  readonly publicSnapshotUrl: string;
  /** JSON of the public keys. */
  readonly trustedKeys: string;
  readonly userPoolId: string;
  readonly clientId: string;
}

/** What the checks work with: the deployed registry, and everything of AWS that they touch. */
export interface Lab {
  /** What everything that is deployed is called, or begins with. */
  readonly name: string;
  readonly region: string;
  readonly stage: string;
  readonly deployed: Deployed;
  readonly stacks: Stacks;
  readonly buckets: Buckets;
  readonly fetch: typeof globalThis.fetch;
  readonly findWebSocket: Shell['findWebSocket'];
  readonly credentials: () => Promise<AwsCredentials>;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborts when the person presses Ctrl-C, or when the time is up. */
  readonly signal: AbortSignal;
  /** By IAM: reads everything, and writes. */
  readonly iam: GraphqlTransport;
  /** By the API key. */
  readonly key: GraphqlTransport;
  readonly iamSource: Source;
  readonly keySource: Source;
  /** One JSON action of an AWS service. */
  callJson(service: string, target: string, body: object): Promise<Record<string, unknown>>;
  /** Invokes a function and waits for it. */
  invoke(functionName: string, event: object): Promise<{ readonly isFailed: boolean; readonly text: string }>;
  /** Creates or updates the stack of a service. */
  deployService(stack: string, services: readonly string[], options?: ServiceOptions): Promise<StackEnd>;
}

export interface ServiceOptions {
  /** @default '1.0.0' */
  readonly version?: string | undefined;
  /** @default false */
  readonly isPublic?: boolean | undefined;
}

export interface LabOptions extends Pick<
  Lab,
  | 'name'
  | 'region'
  | 'deployed'
  | 'stacks'
  | 'buckets'
  | 'fetch'
  | 'findWebSocket'
  | 'credentials'
  | 'now'
  | 'sleep'
  | 'signal'
> {
  /** Another AWS, at exactly this address. */
  readonly endpoint: string | undefined;
}

/** Readers and writers of the registry that was deployed. */
export function openLab(options: LabOptions): Lab {
  const { name, region, deployed, stacks, fetch, credentials, endpoint, signal } = options;
  const stage = 'verify';
  const iam = sigv4Transport({ url: deployed.url, region, credentials, fetch });
  const key = apiKeyTransport({ url: deployed.url, apiKey: deployed.apiKey, fetch });
  const findHost = (service: string) => endpoint ?? `https://${service}.${region}.amazonaws.com`;
  return {
    ...options,
    stage,
    iam,
    key,
    iamSource: registrySource({ transport: iam, name: 'IAM', timeoutMs: 20_000 }),
    keySource: registrySource({ transport: key, name: 'API key', timeoutMs: 20_000 }),
    async callJson(service, target, body) {
      const send = signingFetch({ service, region, credentials, fetch });
      const answer = await send(`${findHost(service)}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
        body: JSON.stringify(body),
        signal,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${target}: HTTP ${answer.status} ${text.slice(0, 300)}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    async invoke(functionName, event) {
      const send = signingFetch({ service: 'lambda', region, credentials, fetch });
      const url = `${findHost('lambda')}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
      const answer = await send(url, { method: 'POST', body: JSON.stringify(event), signal });
      const text = await answer.text();
      return { isFailed: !answer.ok || answer.headers.has('x-amz-function-error'), text };
    },
    deployService(stack, services, { version = '1.0.0', isPublic = false } = {}) {
      const { serviceToken } = deployed;
      const template = planServiceTemplate({ stage, serviceToken, services, version, isPublic });
      return stacks.deploy(`${name}-${stack}`, { body: JSON.stringify(template) });
    },
  };
}

/** The outputs of the registry's stack, of which each is called `Verified…` in the template. */
export function readDeployed(outputs: Readonly<Record<string, string>>): Deployed {
  const get = (output: string) => {
    const value = outputs[`Verified${output}`];
    if (value === undefined) throw new Error(`The registry's stack has no output Verified${output}`);
    return value;
  };
  return {
    url: get('Url'),
    apiKey: get('ApiKey'),
    serviceToken: get('ServiceToken'),
    registrarName: get('RegistrarName'),
    renewalName: get('RenewalName'),
    bucket: get('BucketName'),
    snapshotUrl: get('SnapshotUrl'),
    publicSnapshotUrl: get('PublicSnapshotUrl'),
    trustedKeys: get('TrustedKeys'),
    userPoolId: get('UserPoolId'),
    clientId: get('ClientId'),
  };
}
