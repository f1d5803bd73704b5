import { createHash } from 'node:crypto';
import type { Endpoint } from '@amplify-discovery/core';
import { answerText } from '../facade/answer-text.ts';
import { decodeSegment } from '../facade/decode-segment.ts';
import { createFacade, type FacadeCall } from '../facade/create-facade.ts';
import type { FacadeSnapshot } from '../facade/create-facade-view.ts';
import type { CreateFacade } from '../facade/facade.ts';
import { describeCopy, externalNode, renderCopy, type CatalogCopy } from './catalog-copy.ts';
import { parseWaitMs } from './parse-wait-ms.ts';

/** An endpoint as Consul's clients get it. */
interface Instance extends CatalogCopy {
  /** Others of a better priority serve. */
  readonly isStandby: boolean;
}

/** What a query answers of the stage's instances. */
type Render = (instances: readonly Instance[], stage: string) => unknown;

/** An index ends with so many bits of a hash of the answer. With the time before them it is exact in a JavaScript number. */
const hashBits = 20;

/**
 * Answers Consul's read API: `/v1/health/service/:name`, `/v1/catalog/service/:name`, `/v1/catalog/services` with blocking
 * queries, `/v1/catalog/datacenters`, and what clients ask first, `/v1/agent/self` and `/v1/status/leader`. A stage is a
 * datacenter (`?dc=`), an endpoint a service on one external node, as a bridge writes it.
 *
 * Endpoints of the best priority pass their checks, the others have a warning, so that ?passing gives what serves.
 *
 * An index is the time at which the stage was first seen as it is, in seconds, and a hash of the answer. So it rises with every
 * change and over a restart, and a caller waits as long as it has the hash of the present answer, whichever facade gave it.
 */
export const createConsulFacade: CreateFacade = (view, options = {}) => {
  const { now = Date.now } = options;
  const changes = new Map<string, { readonly revision: string; readonly at: number }>();

  function findChange({ stage, revision }: FacadeSnapshot): number {
    const last = changes.get(stage);
    if (last?.revision === revision) return last.at;
    const at = Math.max((last?.at ?? 0) + 1, Math.floor(now() / 1000));
    changes.set(stage, { revision, at });
    return at;
  }

  async function answerQuery(call: FacadeCall, render: Render): Promise<Response> {
    const query = readQuery(call.query);
    if ('fault' in query) return answerText(400, query.fault);
    const { datacenter, hash, waitMs } = query;
    const until = now() + waitMs;
    let snapshot = await call.readSnapshot(datacenter);
    for (;;) {
      const body = JSON.stringify(render(listInstances(snapshot, call), snapshot.stage));
      const index = findChange(snapshot) * 2 ** hashBits + hashBody(body);
      const answer = () => answerJson(body, describeState(index, snapshot.ageSeconds));
      const restMs = until - now();
      if (restMs <= 0 || index % 2 ** hashBits !== hash) return answer();
      const { revision } = snapshot;
      snapshot = await call.waitForChange(datacenter, revision, restMs);
      // The time is over, or the host does not wait.
      if (snapshot.revision === revision) return answer();
    }
  }

  return createFacade(view, options, async (call) => {
    const { method, path, query } = call;
    if (method !== 'GET') return undefined;
    if (path === '/v1/catalog/services') return answerQuery(call, nameServices);
    if (path === '/v1/catalog/datacenters') return answerJson(JSON.stringify(view.stages));
    if (path === '/v1/status/leader') return answerJson(JSON.stringify(externalNode));
    if (path === '/v1/agent/self') return answerJson(JSON.stringify(describeAgent(view.stages[0])));
    const [, kind, encoded = ''] = /^\/v1\/(health|catalog)\/service\/([^/]*)$/.exec(path) ?? [];
    if (kind === undefined) return undefined;
    const passing = query.get('passing');
    if (passing !== null && !/^(1|t|true|0|f|false)?$/i.test(passing)) {
      return answerText(400, 'Invalid value for ?passing');
    }
    const tags = query.getAll('tag').map((tag) => tag.toLowerCase());
    const name = decodeSegment(encoded).toLowerCase();
    const wanted = (instances: readonly Instance[]) =>
      instances.filter(
        ({ service: { Service, Tags } }) =>
          Service.toLowerCase() === name && tags.every((tag) => Tags?.some((own) => own.toLowerCase() === tag)),
      );
    if (kind === 'catalog')
      return answerQuery(call, (instances, stage) => wanted(instances).map((one) => describeInstance(one, stage)));
    const passes = ({ isStandby }: Instance) => passing === null || /^(0|f)/i.test(passing) || !isStandby;
    return answerQuery(call, (instances, stage) =>
      wanted(instances)
        .filter(passes)
        .map((one) => describeHealth(one, stage)),
    );
  });
};

/** What would change the answer if it were not passed over. */
const refused: Readonly<Record<string, string>> = {
  filter: 'This facade has no filter expressions: filter what it answers, or ask by ?tag= and ?passing.',
  'node-meta': 'This facade has one node, and no filter by its meta.',
  ns: 'This facade has no namespaces.',
  partition: 'This facade has no partitions.',
  peer: 'This facade has no peers.',
  sg: 'This facade has no sameness groups.',
};

type Query =
  | { readonly fault: string }
  | { readonly datacenter: string | undefined; readonly hash: number; readonly waitMs: number };

function readQuery(query: URLSearchParams): Query {
  for (const [name, value] of query) {
    if (Object.hasOwn(refused, name) && value !== '' && value !== 'default') return { fault: refused[name] as string };
  }
  const index = query.get('index') || '0';
  if (!/^\d{1,20}$/.test(index)) return { fault: 'Invalid index' };
  const waitMs = parseWaitMs(query.get('wait') ?? '');
  if (waitMs === undefined) return { fault: 'Invalid wait time' };
  const known = BigInt(index);
  const hash = Number(known % BigInt(2 ** hashBits));
  return { datacenter: query.get('dc') || undefined, hash, waitMs: known === 0n ? 0 : waitMs };
}

function listInstances({ stage, services }: FacadeSnapshot, { skip }: FacadeCall): readonly Instance[] {
  const keys = new Set<string>();
  return [...services.values()].flatMap((endpoints) => {
    const fit = endpoints.filter((endpoint) => {
      const form = describeCopy(endpoint);
      if ('fault' in form) skip(endpoint, form.fault);
      else if (keys.has(form.key)) skip(endpoint, `another endpoint has the key "${form.key}" too`);
      else return keys.add(form.key);
      return false;
    });
    const best = Math.min(...fit.map(({ priority }) => priority));
    return fit.map((endpoint: Endpoint) => ({
      ...renderCopy(endpoint, stage),
      isStandby: endpoint.priority > best,
    }));
  });
}

const nameServices: Render = (instances, stage) =>
  Object.fromEntries([...new Set(instances.map(({ service }) => service.Service))].map((name) => [name, [stage]]));

const node = { ID: '', Node: externalNode, Address: 'discovery.invalid', TaggedAddresses: null };
const nodeMeta = { 'external-node': 'true' };
/** Nothing is written here, so nobody needs them for a condition. */
const indexes = { CreateIndex: 1, ModifyIndex: 1 };
const proxy = { Mode: '', MeshGateway: {}, Expose: {} };

/** https://developer.hashicorp.com/consul/api-docs/health#list-service-instances-for-a-service */
function describeHealth({ service, isStandby }: Instance, stage: string): object {
  const { ID, Service, Tags, Address, Meta, Port, Weights } = service;
  return {
    Node: { ...node, Datacenter: stage, Meta: nodeMeta, ...indexes },
    Service: {
      ID,
      Service,
      Tags,
      Address,
      Meta,
      Port,
      Weights,
      EnableTagOverride: false,
      Proxy: proxy,
      Connect: {},
      PeerName: '',
      ...indexes,
    },
    Checks: isStandby ? [describeStandby(service)] : [],
  };
}

function describeStandby({ ID, Service, Tags }: CatalogCopy['service']): object {
  return {
    Node: externalNode,
    CheckID: `${ID}:priority`,
    Name: 'Priority',
    Status: 'warning',
    Notes: '',
    Output: 'Endpoints of a better priority serve.',
    ServiceID: ID,
    ServiceName: Service,
    ServiceTags: Tags,
    Type: '',
    Interval: '',
    Timeout: '',
    ExposedPort: 0,
    Definition: {},
    ...indexes,
  };
}

/** https://developer.hashicorp.com/consul/api-docs/catalog#list-nodes-for-service */
function describeInstance({ service }: Instance, stage: string): object {
  const { ID, Service, Tags, Address, Meta, Port, Weights } = service;
  return {
    ...node,
    Datacenter: stage,
    NodeMeta: nodeMeta,
    ServiceKind: '',
    ServiceID: ID,
    ServiceName: Service,
    ServiceTags: Tags,
    ServiceAddress: Address,
    ServiceWeights: Weights,
    ServiceMeta: Meta,
    ServicePort: Port,
    ServiceSocketPath: '',
    ServiceEnableTagOverride: false,
    ServiceProxy: proxy,
    ServiceConnect: {},
    ...indexes,
  };
}

function describeAgent(stage: string | undefined): object {
  return { Config: { Datacenter: stage, PrimaryDatacenter: stage, NodeName: externalNode, NodeID: '', Server: false } };
}

function describeState(index: number, ageSeconds: number): Readonly<Record<string, string>> {
  return {
    'x-consul-index': String(index),
    'x-consul-knownleader': 'true',
    'x-consul-lastcontact': String(Math.floor(ageSeconds * 1000)),
    'x-consul-effective-consistency': 'stale',
  };
}

/** The last bits of an index, which say what was answered. */
function hashBody(body: string): number {
  return createHash('sha256').update(body).digest().readUInt32BE() % 2 ** hashBits;
}

function answerJson(body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { headers: { 'content-type': 'application/json', ...headers } });
}
