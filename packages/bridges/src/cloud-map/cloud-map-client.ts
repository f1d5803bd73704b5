import { randomUUID } from 'node:crypto';
import { findAwsDomain, signingFetch, type AwsCredentials } from '@amplify-discovery/aws';
import { DiscoveryError, followPages, isDiscoveryError, pause, raceAbort } from '@amplify-discovery/core';
import { requestJson } from '../engine/request-json.ts';

export interface CloudMapOptions {
  /** The namespace's name: `internal.example`. `{stage}` in it stands for the stage. */
  readonly namespace: string;
  readonly region: string;
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Instead of AWS's own: `http://127.0.0.1:5000`. */
  readonly endpoint?: string | undefined;
  /** Of each request, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

export interface CloudMapService {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface CloudMapInstance {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** AWS Cloud Map as far as a bridge needs it. Errors as of a source; a name that isn't there is undefined or an empty list. */
export interface CloudMapClient {
  readonly name: string;
  findNamespace(call: CloudMapCall): Promise<string | undefined>;
  listServices(namespaceId: string, call: CloudMapCall): Promise<readonly CloudMapService[]>;
  createService(namespaceId: string, name: string, description: string, call: CloudMapCall): Promise<string>;
  /** Does nothing while it has instances. */
  deleteService(id: string, call: CloudMapCall): Promise<void>;
  listInstances(serviceId: string, call: CloudMapCall): Promise<readonly CloudMapInstance[]>;
  findInstance(serviceId: string, id: string, call: CloudMapCall): Promise<CloudMapInstance | undefined>;
  registerInstance(serviceId: string, instance: CloudMapInstance, call: CloudMapCall): Promise<void>;
  deregisterInstance(serviceId: string, id: string, call: CloudMapCall): Promise<void>;
  /** The data plane: changes with every change of the service's instances. */
  findRevision(service: string, call: CloudMapCall): Promise<number | undefined>;
  discoverInstances(service: string, call: CloudMapCall): Promise<readonly CloudMapInstance[]>;
}

export interface CloudMapCall {
  readonly stage: string;
  readonly signal: AbortSignal;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A client of Cloud Map's JSON protocol: one POST for an action. Registrations are operations that run on after the answer;
 * here they are over when the promise resolves. A throttled call is repeated once.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/Welcome.html
 */
export function createCloudMapClient(options: CloudMapOptions): CloudMapClient {
  const { namespace, region, endpoint, timeoutMs } = options;
  const name = `cloud-map:${namespace}`;
  const fetch = signingFetch({ ...options, service: 'servicediscovery' });
  const nameIn = (stage: string) => namespace.replaceAll('{stage}', stage);

  async function send(action: string, input: Json, { stage, signal }: CloudMapCall): Promise<Json> {
    const host = `${action.startsWith('Discover') ? 'data-' : ''}servicediscovery.${findAwsDomain(region)}`;
    const request = {
      name,
      stage,
      fetch,
      url: endpoint ?? `https://${host}/`,
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Route53AutoNaming_v20170314.${action}`,
      },
      body: input,
      signal,
      timeoutMs,
      accepts: (status: number) => status < 500,
    };
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await requestJson(request);
      const answer = (body ?? {}) as Json;
      if (status < 300) return answer;
      const code = String(answer['__type'] ?? '').replace(/^.*#/, '');
      if (attempt === 1 && /Throttl|RequestLimit|TooManyRequests/i.test(code)) {
        await raceAbort(pause(Math.random() * 500, signal), signal);
        continue;
      }
      if (notThere.test(code) && !needsPlace.test(action)) return {};
      const isDenied = status === 403 || /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken/.test(code);
      const found = `${action}: ${code} ${String(answer['Message'] ?? answer['message'] ?? '')}`;
      throw new DiscoveryError(isDenied ? 'RegistryDenied' : 'RegistryUnavailable', `"${stage}" in ${name}: ${found}`, {
        stage,
      });
    }
  }

  async function sendPages<T>(action: string, input: Json, list: string, call: CloudMapCall): Promise<T[]> {
    const all: T[] = [];
    const { stage } = call;
    await followPages({ what: `"${stage}" in ${name}: ${action}`, stage }, async (token) => {
      const answer = await send(
        action,
        { ...input, MaxResults: 100, ...(token !== null && { NextToken: token }) },
        call,
      );
      all.push(...((answer[list] as T[] | undefined) ?? []));
      const { NextToken } = answer;
      return typeof NextToken === 'string' ? NextToken : undefined;
    });
    return all;
  }

  /** Waits until the operation that a call has begun is over. */
  async function finish(answer: Json, call: CloudMapCall): Promise<void> {
    const { OperationId } = answer;
    if (typeof OperationId !== 'string') return;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 2000)) {
      const { Operation } = await send('GetOperation', { OperationId }, call);
      const { Status, ErrorMessage } = (Operation ?? {}) as Json;
      if (Status === 'SUCCESS') return;
      if (Status === 'FAIL') {
        throw new DiscoveryError('RegistryUnavailable', `"${call.stage}" in ${name}: ${String(ErrorMessage)}`, {
          stage: call.stage,
        });
      }
      await raceAbort(pause(waitMs, call.signal), call.signal);
    }
  }

  const toInstance = ({ Id, InstanceId, Attributes }: Json): CloudMapInstance => ({
    id: String(Id ?? InstanceId),
    attributes: (Attributes ?? {}) as Record<string, string>,
  });

  return {
    name,
    async findNamespace(call) {
      const found = await sendPages<Json>('ListNamespaces', {}, 'Namespaces', call);
      const id = found.find(({ Name }) => Name === nameIn(call.stage))?.['Id'];
      return id === undefined ? undefined : String(id);
    },
    async listServices(namespaceId, call) {
      const Filters = [{ Name: 'NAMESPACE_ID', Values: [namespaceId], Condition: 'EQ' }];
      const found = await sendPages<Json>('ListServices', { Filters }, 'Services', call);
      return found.map(({ Id, Name, Description }) => ({
        id: String(Id),
        name: String(Name),
        description: String(Description ?? ''),
      }));
    },
    async createService(NamespaceId, Name, Description, call) {
      const input = { NamespaceId, Name, Description, Type: 'HTTP', CreatorRequestId: randomUUID() };
      const { Service } = await send('CreateService', input, call);
      return String((Service as Json)['Id']);
    },
    async deleteService(Id, call) {
      await send('DeleteService', { Id }, call).catch((error: unknown) => {
        // Another bridge has put an instance there: the service stays.
        if (!(isDiscoveryError(error) && error.message.includes('ResourceInUse'))) throw error;
      });
    },
    async listInstances(ServiceId, call) {
      return (await sendPages<Json>('ListInstances', { ServiceId }, 'Instances', call)).map(toInstance);
    },
    async findInstance(ServiceId, InstanceId, call) {
      const { Instance } = await send('GetInstance', { ServiceId, InstanceId }, call);
      return Instance === undefined ? undefined : toInstance(Instance as Json);
    },
    async registerInstance(ServiceId, { id: InstanceId, attributes: Attributes }, call) {
      await finish(await send('RegisterInstance', { ServiceId, InstanceId, Attributes }, call), call);
    },
    async deregisterInstance(ServiceId, InstanceId, call) {
      await finish(await send('DeregisterInstance', { ServiceId, InstanceId }, call), call);
    },
    async findRevision(ServiceName, call) {
      const input = { NamespaceName: nameIn(call.stage), ServiceName };
      const { InstancesRevision } = await send('DiscoverInstancesRevision', input, call);
      return typeof InstancesRevision === 'number' ? InstancesRevision : undefined;
    },
    async discoverInstances(ServiceName, call) {
      const input = {
        NamespaceName: nameIn(call.stage),
        ServiceName,
        HealthStatus: 'HEALTHY_OR_ELSE_ALL',
        MaxResults: 1000,
      };
      const { Instances = [] } = await send('DiscoverInstances', input, call);
      return (Instances as Json[]).map(toInstance);
    },
  };
}

/** What somebody else has removed meanwhile, or nobody has made. */
const notThere = /^(Instance|Service|Namespace)NotFound$/;
/** Writes that would otherwise get lost unnoticed. */
const needsPlace = /^(CreateService|RegisterInstance)$/;
