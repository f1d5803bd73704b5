import { readFields } from '../engine/copied-fields.ts';
import type { KubernetesObject } from './kubernetes-client.ts';

/** Before the name of each annotation. */
const prefix = 'amplify-discovery/';

/**
 * The untrusted record of an Ingress or HTTPRoute with the annotation `amplify-discovery/service`; undefined without it, for
 * another stage, or without a host that could be called. Always https: what comes from a cluster is called over the internet.
 *
 * `id` is the object's name, `port` 443 and `path` empty unless an annotation says otherwise; the other annotations have the
 * names of the record's fields.
 */
export function readExposedEndpoint(stage: string, object: KubernetesObject): Record<string, unknown> | undefined {
  const { name, annotations = {} } = object.metadata;
  const { service, id = name, stage: only = stage, host, port, path = '', ...fields } = readAnnotations(annotations);
  const hosts = readHosts(object['spec']);
  const called = host === undefined ? hosts.find((one) => !one.includes('*')) : hosts.find((one) => covers(one, host));
  if (service === undefined || only !== stage || called === undefined) return undefined;
  const authority = `${host ?? called}${port === undefined ? '' : `:${port}`}`;
  return readFields({ stage, service, id }, { ...fields, url: `https://${authority}${path}` });
}

function readAnnotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  const own = Object.entries(annotations).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** Of an Ingress its rules', of an HTTPRoute its own. */
function readHosts(spec: unknown): readonly string[] {
  const { rules, hostnames } = (spec ?? {}) as { rules?: unknown; hostnames?: unknown };
  const named = Array.isArray(hostnames) ? (hostnames as unknown[]) : [];
  const ruled = Array.isArray(rules)
    ? (rules as unknown[]).map((rule) => (rule as { host?: unknown } | null)?.host)
    : [];
  return [...named, ...ruled].filter((host) => typeof host === 'string');
}

/** `*.example.com` stands for names with one label more (Ingress) or several (HTTPRoute). */
function covers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)));
}
