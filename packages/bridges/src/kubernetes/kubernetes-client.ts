import { checkSourceUrl, DiscoveryError, followPages } from '@amplify-discovery/core';
import { requestJson } from '../engine/request-json.ts';
import { showText } from '../engine/show-text.ts';

export interface KubernetesOptions {
  /** Of the API server: `https://10.0.0.1:6443`, in a pod `https://kubernetes.default.svc`. */
  readonly url: string;
  /** `{stage}` in it stands for the stage. @default '{stage}' */
  readonly namespace?: string | undefined;
  /** Read before each request: the tokens of service accounts change every hour. */
  readonly findToken: () => Promise<string>;
  /** Trusts the cluster's own certificate: `fetchWithCa`. @default the global fetch */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Of each request, in milliseconds. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    /** Changes with every write of the object. */
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Objects of one kind, as the API's paths name them. */
export interface KubernetesKind {
  /** `/apis/networking.k8s.io/v1` */
  readonly group: string;
  /** `ingresses` */
  readonly plural: string;
  /** A cluster may be without it: then there are none. @default false */
  readonly isOptional?: boolean;
}

export interface KubernetesCall {
  readonly stage: string;
  readonly signal: AbortSignal;
}

/** The API server as far as a bridge needs it. Errors as of a source. */
export interface KubernetesClient {
  readonly name: string;
  /** Every object of the namespace. */
  list(kind: KubernetesKind, call: KubernetesCall): Promise<readonly KubernetesObject[]>;
  find(kind: KubernetesKind, name: string, call: KubernetesCall): Promise<KubernetesObject | undefined>;
  /**
   * Writes, or removes where `next` is undefined, if the object is still the one that was read (or still isn't there): false
   * when it has changed in the meantime.
   *
   * @throws DiscoveryError `InvalidRecord` for an object that the API server refuses; otherwise as `list`
   */
  replace(
    kind: KubernetesKind,
    next: KubernetesObject | undefined,
    seen: KubernetesObject | undefined,
    call: KubernetesCall,
  ): Promise<boolean>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const pageSize = 500;

/** By the verb that a Role grants. */
const methods = { list: 'GET', get: 'GET', create: 'POST', update: 'PUT', delete: 'DELETE' };

/**
 * A client of the Kubernetes API: plain JSON over https.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
export function createKubernetesClient(options: KubernetesOptions): KubernetesClient {
  const { namespace = '{stage}', findToken, fetch = globalThis.fetch, timeoutMs } = options;
  const { origin } = checkSourceUrl(options.url, 'kubernetes');
  const name = `kubernetes:${origin}${namespace === '{stage}' ? '' : `/${namespace}`}`;

  const namespaceOf = (stage: string): string => {
    const found = namespace.replaceAll('{stage}', stage);
    // https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(found)) return found;
    throw new DiscoveryError(
      'InvalidOptions',
      `"${stage}" in ${name}: "${found}" can't be a namespace: name one in the address, kubernetes:URL/NAMESPACE`,
      { stage },
    );
  };

  /** The answer, failures that only the caller understands among them. */
  async function send(
    verb: keyof typeof methods,
    { group, plural }: KubernetesKind,
    rest: string,
    { stage, signal }: KubernetesCall,
    body?: object,
  ): Promise<Answer> {
    const place = namespaceOf(stage);
    const answer = await requestJson({
      name,
      stage,
      fetch,
      url: `${origin}${group}/namespaces/${place}/${plural}${rest}`,
      method: methods[verb],
      headers: { accept: 'application/json', authorization: `Bearer ${await findToken()}` },
      body,
      signal,
      timeoutMs,
      accepts: (status: number) => status >= 200 && status < 500,
    });
    if (answer.status !== 401 && answer.status !== 403) return answer;
    const advice =
      answer.status === 401
        ? 'check the token: KUBERNETES_TOKEN, or the service account of the pod'
        : `give the account a Role with "${verb}" on ${plural} in "${place}", and a RoleBinding`;
    throw new DiscoveryError('RegistryDenied', `"${stage}" in ${name}: ${describe(answer)}: ${advice}`, { stage });
  }

  const fail = (found: string, { stage }: KubernetesCall) =>
    new DiscoveryError('RegistryUnavailable', `"${stage}" in ${name}: ${found}`, { stage });

  /** Undefined when the API server has forgotten the state that the first page showed. */
  async function listPages(kind: KubernetesKind, call: KubernetesCall): Promise<KubernetesObject[] | undefined> {
    const { stage } = call;
    const all: KubernetesObject[] = [];
    let isForgotten = false;
    await followPages({ what: `"${stage}" in ${name}: the list of ${kind.plural}`, stage }, async (from) => {
      const query = `?limit=${pageSize}${from === null ? '' : `&continue=${encodeURIComponent(from)}`}`;
      const answer = await send('list', kind, query, call);
      // While it starts, an API server answers 503 for kinds that it doesn't know yet.
      if (answer.status === 404 && kind.isOptional) {
        all.length = 0;
        return undefined;
      }
      isForgotten = answer.status === 410;
      if (isForgotten) return undefined;
      if (answer.status !== 200) throw fail(describe(answer), call);
      const { items, metadata } = Object(answer.body) as { items?: unknown; metadata?: { continue?: unknown } | null };
      if (!Array.isArray(items) || !items.every(isObject))
        throw fail(`the list of ${kind.plural} is not one of objects`, call);
      for (const item of items) all.push(item);
      return showText(metadata?.continue);
    });
    return isForgotten ? undefined : all;
  }

  return {
    name,
    async list(kind, call) {
      const all = (await listPages(kind, call)) ?? (await listPages(kind, call));
      if (all) return all;
      throw fail(`the list of ${kind.plural} expired twice while it was read`, call);
    },
    async find(kind, objectName, call) {
      const answer = await send('get', kind, `/${objectName}`, call);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw fail(describe(answer), call);
      if (!isObject(answer.body)) throw fail(`the answer to ${kind.plural}/${objectName} is not an object`, call);
      return answer.body;
    },
    async replace(kind, next, seen, call) {
      const answer = await (() => {
        if (!seen) return next ? send('create', kind, '', call, next) : { status: 404, body: undefined };
        const { name: objectName, uid, resourceVersion } = seen.metadata;
        if (next) return send('update', kind, `/${objectName}`, call, next);
        const condition = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } };
        return send('delete', kind, `/${objectName}`, call, condition);
      })();
      if (answer.status < 300) return true;
      // Changed, made or removed by somebody else since it was read; a namespace that isn't there says 404 to a POST.
      if (answer.status === 409 || (answer.status === 404 && seen)) return false;
      if (answer.status === 413 || answer.status === 422) {
        throw new DiscoveryError('InvalidRecord', `"${call.stage}" in ${name}: ${describe(answer)}`, {
          stage: call.stage,
        });
      }
      throw fail(describe(answer), call);
    },
  };
}

/** What the API server's `Status` says. */
function describe({ status, body }: Answer): string {
  const { message } = Object(body) as { message?: unknown };
  return `HTTP ${status} ${showText(message).slice(0, 300)}`.trim();
}

function isObject(value: unknown): value is KubernetesObject {
  const { metadata } = Object(value) as { metadata?: Readonly<Record<string, unknown>> | null };
  const { name, labels, annotations } = metadata ?? {};
  return typeof name === 'string' && [labels, annotations].every(areTexts);
}

function areTexts(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}
