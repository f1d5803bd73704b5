import { checkSourceUrl, DiscoveryError } from '@amplify-discovery/core';
import { requestJson } from '../engine/request-json.ts';

export interface EtcdOptions {
  /** Of the gRPC gateway: `https://etcd.internal:2379`; http on this machine only. */
  readonly url: string;
  /** Below it stand `{stage}/{service}/{id}`. @default '/discovery/' */
  readonly prefix?: string | undefined;
  /** What etcd's Authenticate gave, where it wants authentication. */
  readonly token?: string | undefined;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Of each request, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

export interface EtcdEntry {
  readonly key: string;
  readonly value: string;
  /** Of the write that the entry stands there by: of two, the later one has the higher. */
  readonly modRevision: string;
}

export interface EtcdCall {
  readonly stage: string;
  readonly signal: AbortSignal;
}

/** etcd as far as a bridge needs it. */
export interface EtcdClient {
  readonly name: string;
  readonly prefix: string;
  /** Everything below the prefix, read at one revision of the store. */
  list(prefix: string, call: EtcdCall): Promise<readonly EtcdEntry[]>;
  /** Changes with every change below the prefix; one small read. */
  readRevision(prefix: string, call: EtcdCall): Promise<string>;
  find(key: string, call: EtcdCall): Promise<EtcdEntry | undefined>;
  /** Writes, or removes where `value` is undefined, if the entry is still the one that was read (or still isn't there). */
  replace(key: string, value: string | undefined, seen: EtcdEntry | undefined, call: EtcdCall): Promise<boolean>;
}

interface RangeAnswer {
  readonly kvs?: readonly { readonly key: string; readonly value?: string; readonly mod_revision: string }[];
  readonly count?: string;
}

/**
 * A client of etcd's gRPC gateway: JSON over HTTP, keys and values in base64.
 *
 * https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
 */
export function createEtcdClient(options: EtcdOptions): EtcdClient {
  const { prefix = '/discovery/', token, fetch = globalThis.fetch, timeoutMs } = options;
  const { origin } = checkSourceUrl(options.url, 'etcd');
  const name = `etcd:${origin}${prefix === '/discovery/' ? '' : prefix}`;
  const post = async <A>(path: string, body: object, { stage, signal }: EtcdCall): Promise<A> => {
    const headers = token === undefined ? {} : { authorization: token };
    const request = {
      name,
      stage,
      fetch,
      url: `${origin}/v3/kv/${path}`,
      method: 'POST',
      headers,
      body,
      signal,
      timeoutMs,
    };
    const { body: answer } = await requestJson(request);
    if (isAnswer(answer)) return answer as A;
    throw new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: the answer to ${path} is not etcd's`, {
      stage,
    });
  };
  const range = (from: string, more: object, call: EtcdCall) =>
    post<RangeAnswer>('range', { key: encode(from), ...more }, call);
  const below = (from: string) => ({ range_end: encode(endOf(from)) });
  const toEntry = ({ key, value = '', mod_revision }: NonNullable<RangeAnswer['kvs']>[number]): EtcdEntry => ({
    key: decode(key),
    value: decode(value),
    modRevision: mod_revision,
  });

  return {
    name,
    prefix,
    async list(from, call) {
      return ((await range(from, below(from), call)).kvs ?? []).map(toEntry);
    },
    async readRevision(from, call) {
      // A write raises the highest modification, a removal alone lowers the count: no state has the same pair as another.
      const order = { sort_order: 'DESCEND', sort_target: 'MOD', limit: 1, keys_only: true };
      const { kvs: [latest] = [], count = '0' } = await range(from, { ...below(from), ...order }, call);
      return `${count}.${latest?.mod_revision ?? '0'}`;
    },
    async find(key, call) {
      const [found] = (await range(key, {}, call)).kvs ?? [];
      return found && toEntry(found);
    },
    async replace(key, value, seen, call) {
      const compare = [{ key: encode(key), target: 'MOD', result: 'EQUAL', mod_revision: seen?.modRevision ?? '0' }];
      const write =
        value === undefined
          ? { requestDeleteRange: { key: encode(key) } }
          : { requestPut: { key: encode(key), value: encode(value) } };
      const { succeeded } = await post<{ succeeded?: unknown }>('txn', { compare, success: [write] }, call);
      return succeeded === true;
    },
  };
}

const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string) => Buffer.from(text, 'base64').toString();

/** The first key after all that begin with this one, which ends with a slash. */
const endOf = (prefix: string) => prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** Each has a header; without it, any JSON would be an empty store. */
function isAnswer(body: unknown): boolean {
  const { header, count = '0', kvs = [] } = Object(body) as Readonly<Record<string, unknown>>;
  const isOurs = typeof header === 'object' && header !== null && typeof count === 'string';
  return isOurs && Array.isArray(kvs) && kvs.every(isEntry);
}

function isEntry(entry: unknown): boolean {
  const { key, value = '', mod_revision } = Object(entry) as Readonly<Record<string, unknown>>;
  return [key, value, mod_revision].every((text) => typeof text === 'string');
}
