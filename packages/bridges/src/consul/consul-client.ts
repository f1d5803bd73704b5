import { checkSourceUrl, DiscoveryError, isDiscoveryError, pause, raceAbort } from '@amplify-discovery/core';
import { requestJson, type JsonAnswer } from '../engine/request-json.ts';
import { showText } from '../engine/show-text.ts';

export interface ConsulOptions {
  /** Of the HTTP API: an agent's `http://127.0.0.1:8500` or `https://consul.internal:8501`; http on this machine only. */
  readonly url: string;
  /** Where access is controlled by ACLs. */
  readonly token?: string | undefined;
  /**
   * What a stage is there: the entry `stage` of a service's meta, a tag, a datacenter of that name, or nothing (`any`: all of
   * the datacenter belongs to the only stage).
   *
   * @default 'meta'
   */
  readonly stageBy?: 'meta' | 'tag' | 'datacenter' | 'any' | undefined;
  /** @default the agent's own; with stages by datacenter the stage */
  readonly datacenter?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Of each request, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

export interface CatalogNode {
  readonly Node: string;
  readonly Meta?: Readonly<Record<string, string>> | null;
}

export interface CatalogService {
  readonly ID: string;
  readonly Service: string;
  /** Empty for a service that programs call; proxies and gateways have one. */
  readonly Kind?: string;
  readonly Address: string;
  /** Absent where it is 0. */
  readonly Port?: number;
  readonly Tags: readonly string[] | null;
  readonly Meta: Readonly<Record<string, string>> | null;
  readonly Weights?: { readonly Passing: number; readonly Warning: number };
  readonly ModifyIndex: number;
}

export interface HealthCheck {
  readonly Node: string;
  readonly CheckID: string;
  /** Empty for a check of the node. */
  readonly ServiceID: string;
  readonly Status: string;
}

/** An instance with its node and the checks of both. */
export interface HealthEntry {
  readonly Node: CatalogNode;
  readonly Service: CatalogService;
  readonly Checks: readonly HealthCheck[];
}

export interface ConsulCall {
  readonly stage: string;
  readonly signal: AbortSignal;
}

/** What was read, and how far the catalog had come by then. */
export interface ConsulAnswer<T> {
  readonly value: T;
  /** Rises with every change of what was asked for, and falls when a cluster is restored or built anew. */
  readonly index: bigint;
  /** The token may not read all of it: the rest is left out without an error. */
  readonly isFiltered: boolean;
}

/** One node with those of its services that were asked for. */
export interface NodeServices {
  readonly Node: CatalogNode;
  readonly Services: readonly CatalogService[];
}

/** Consul as far as a bridge needs it. */
export interface ConsulClient {
  readonly name: string;
  /** Undefined: the agent's own. */
  findDatacenter(stage: string): string | undefined;
  /** Whether there is a datacenter to ask; always true where the stage doesn't name it. */
  hasDatacenter(call: ConsulCall): Promise<boolean>;
  /** Names of services with at least one instance that the filter lets through, and the tags of these. */
  listServices(filter: string, call: ConsulCall): Promise<ConsulAnswer<Readonly<Record<string, readonly string[]>>>>;
  readService(name: string, filter: string, call: ConsulCall): Promise<ConsulAnswer<readonly HealthEntry[]>>;
  /** Every check that fails now. */
  listCriticalChecks(call: ConsulCall): Promise<ConsulAnswer<readonly HealthCheck[]>>;
  /** Resolves as soon as the answer of one of these questions has another index. */
  waitForServices(index: bigint, call: ConsulCall): Promise<void>;
  waitForCriticalChecks(index: bigint, call: ConsulCall): Promise<void>;
  /** Undefined where there is no such node. */
  readNode(node: string, filter: string | undefined, call: ConsulCall): Promise<ConsulAnswer<NodeServices | undefined>>;
  listNodeChecks(node: string, call: ConsulCall): Promise<ConsulAnswer<readonly HealthCheck[]>>;
  /** What stands under the keys below the prefix. */
  listTexts(prefix: string, call: ConsulCall): Promise<readonly string[]>;
  /** All of the operations or none; false when one of them was on a condition that no longer holds. */
  commit(operations: readonly object[], call: ConsulCall): Promise<boolean>;
}

/** Below the 60 seconds after which common load balancers cut a silent connection; Consul adds up to a sixteenth. */
const waitSeconds = 50;
const waitPauseMs = 1000;

interface RequestDetails {
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Makes it a PUT. */
  readonly body?: object;
  /** How long Consul may hold the answer back. */
  readonly waitMs?: number;
  /** An answer as well, besides 200. */
  readonly alsoStatus?: number;
}

/** A client of Consul's HTTP API: https://developer.hashicorp.com/consul/api-docs */
export function createConsulClient(options: ConsulOptions): ConsulClient {
  const { token, stageBy = 'meta', datacenter, fetch = globalThis.fetch, timeoutMs = 5000 } = options;
  const { origin } = checkSourceUrl(options.url, 'Consul');
  const name = `consul:${origin}${datacenter === undefined ? '' : `/${datacenter}`}`;

  const findDatacenter = (stage: string) => datacenter ?? (stageBy === 'datacenter' ? stage : undefined);

  async function ask(
    path: string,
    { stage, signal }: ConsulCall,
    { query = {}, body, waitMs = 0, alsoStatus }: RequestDetails = {},
  ): Promise<JsonAnswer> {
    const given = Object.entries({ ...query, dc: findDatacenter(stage) }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    try {
      return await requestJson({
        name,
        stage,
        fetch,
        url: `${origin}/v1/${path}?${new URLSearchParams(given)}`,
        ...(body && { method: 'PUT', body }),
        headers: token === undefined ? {} : { 'x-consul-token': token },
        signal,
        timeoutMs: timeoutMs + waitMs,
        accepts: (status) => status === 200 || status === alsoStatus,
      });
    } catch (error) {
      if (isDiscoveryError(error) && error.code === 'RegistryDenied') throw deny(error.message, stage, error);
      throw error;
    }
  }

  /**
   * A leader that has just been elected answers from what it has worked through by then, which may be nothing: `consistent` makes
   * it wait, or refuse.
   */
  async function read<T>(
    path: string,
    isAnswer: (body: unknown) => body is T,
    call: ConsulCall,
    filter?: string,
  ): Promise<ConsulAnswer<T>> {
    const { body, headers } = await ask(path, call, { query: { filter, consistent: '' } });
    const isFiltered = headers.get('x-consul-results-filtered-by-acls') === 'true';
    if (isAnswer(body)) return { value: body, index: readIndex(headers), isFiltered };
    const found = `"${call.stage}" in ${name}: the answer to ${path} is not Consul's`;
    throw new DiscoveryError('RegistryUnavailable', found, { stage: call.stage });
  }

  /**
   * An index of 0 would not wait; one that has fallen belongs to another store, and is a change as well. What answers at once, as
   * no Consul does, is not asked without a pause.
   */
  async function waitFor(path: string, index: bigint, call: ConsulCall): Promise<void> {
    const query = { index: String(index > 0n ? index : 1n), wait: `${waitSeconds}s` };
    for (;;) {
      const { headers } = await ask(path, call, { query, waitMs: waitSeconds * 1100 });
      if (readIndex(headers) !== index) return;
      await raceAbort(pause(waitPauseMs, call.signal), call.signal);
    }
  }

  const deny = (message: string, stage: string, cause?: unknown) =>
    new DiscoveryError(
      'RegistryDenied',
      `${message}. Pass a token (CONSUL_HTTP_TOKEN) whose policy has node and service read, and write for a target`,
      { stage, cause },
    );

  return {
    name,
    findDatacenter,
    async hasDatacenter(call) {
      if (stageBy !== 'datacenter' || datacenter !== undefined) return true;
      // Without a datacenter: an unknown one is an error.
      const url = `${origin}/v1/catalog/datacenters`;
      const { body } = await requestJson({ ...call, name, fetch, url, timeoutMs });
      return Array.isArray(body) && body.includes(call.stage);
    },
    listServices: (filter, call) => read('catalog/services', isNames, call, filter),
    readService: (service, filter, call) =>
      read(`health/service/${encodeURIComponent(service)}`, isListOf(isHealthEntry), call, filter),
    listCriticalChecks: (call) => read('health/state/critical', isListOf(isCheck), call),
    waitForServices: (index, call) => waitFor('catalog/services', index, call),
    waitForCriticalChecks: (index, call) => waitFor('health/state/critical', index, call),
    async readNode(node, filter, call) {
      const answer = await read(`catalog/node-services/${encodeURIComponent(node)}`, isNodeServices, call, filter);
      const { Node, Services } = answer.value ?? {};
      return { ...answer, value: Node ? { Node, Services: Services ?? [] } : undefined };
    },
    listNodeChecks: (node, call) => read(`health/node/${encodeURIComponent(node)}`, isListOf(isCheck), call),
    async listTexts(prefix, call) {
      const details = { query: { recurse: '', consistent: '' }, alsoStatus: 404 };
      const { status, body } = await ask(`kv/${prefix.split('/').map(encodeURIComponent).join('/')}`, call, details);
      const entries = status === 404 || !Array.isArray(body) ? [] : (body as readonly { Value?: unknown }[]);
      return entries.map((entry) => Buffer.from(showText(entry?.Value), 'base64').toString());
    },
    async commit(operations, call) {
      const { status, body } = await ask('txn', call, { body: operations, alsoStatus: 409 });
      if (status === 200) return true;
      const { Errors } = (body ?? {}) as { readonly Errors?: unknown };
      const faults = (Array.isArray(Errors) ? Errors : []).map((error: { What?: unknown } | null) =>
        showText(error?.What),
      );
      if (faults.every((fault) => /index is stale|missing node registration/i.test(fault))) return false;
      const message = `"${call.stage}" in ${name}: ${faults.join('; ')}`;
      if (faults.some((fault) => /permission denied/i.test(fault))) throw deny(message, call.stage);
      throw new DiscoveryError('InvalidRecord', message, { stage: call.stage });
    },
  };
}

function readIndex(headers: Headers): bigint {
  const text = headers.get('x-consul-index') ?? '';
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

function isListOf<T>(isItem: (value: unknown) => value is T): (value: unknown) => value is readonly T[] {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(isItem);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === 'string';

function isNames(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return isRecord(value) && Object.values(value).every(isListOf(isText));
}

function isMeta(value: unknown): value is Readonly<Record<string, string>> | null | undefined {
  return value == null || (isRecord(value) && Object.values(value).every(isText));
}

function isNode(value: unknown): value is CatalogNode {
  return isRecord(value) && isText(value['Node']) && isMeta(value['Meta']);
}

function isService(value: unknown): value is CatalogService {
  if (!isRecord(value)) return false;
  const { ID, Service, Address, Port, Tags, Meta } = value;
  return (
    [ID, Service, Address].every(isText) &&
    (Port === undefined || typeof Port === 'number') &&
    (Tags === null || isListOf(isText)(Tags)) &&
    isMeta(Meta)
  );
}

function isCheck(value: unknown): value is HealthCheck {
  return isRecord(value) && [value['Node'], value['CheckID'], value['ServiceID'], value['Status']].every(isText);
}

function isHealthEntry(value: unknown): value is HealthEntry {
  return isRecord(value) && isNode(value['Node']) && isService(value['Service']) && isListOf(isCheck)(value['Checks']);
}

/** Consul answers null, or null in both, where there is no such node. */
function isNodeServices(
  value: unknown,
): value is { readonly Node: CatalogNode | null; readonly Services: readonly CatalogService[] | null } | null {
  if (value == null) return true;
  if (!isRecord(value)) return false;
  const { Node, Services } = value;
  return (Node == null || isNode(Node)) && (Services == null || isListOf(isService)(Services));
}
