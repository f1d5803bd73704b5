import type { Endpoint } from '@amplify-discovery/core';
import { readFields, renderFields } from '../engine/copied-fields.ts';
import { markKey } from '../engine/mark-key.ts';
import { readForeignInstance } from '../engine/read-foreign-instance.ts';
import { showText } from '../engine/show-text.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The data of a node as Curator's JsonInstanceSerializer reads it, whatever class its client has for payloads: a payload of
 * another class, or a map, would fail there. The record's fields, with `url` and the mark, stand in a property of their own
 * that Curator passes over.
 *
 * https://github.com/apache/curator/blob/master/curator-x-discovery/src/main/java/org/apache/curator/x/discovery/ServiceInstance.java
 */
export function renderInstance(endpoint: Endpoint, mark?: string): string {
  const { service, id, target } = endpoint;
  const { protocol, hostname, port } = new URL(target);
  const isSecure = protocol.endsWith('s:');
  return JSON.stringify({
    name: service,
    id,
    address: hostname.replace(/^\[|]$/g, ''),
    port: isSecure ? null : Number(port || 80),
    sslPort: isSecure ? Number(port || 443) : null,
    payload: null,
    registrationTimeUTC: 0,
    serviceType: 'PERMANENT',
    uriSpec: { parts: [{ value: target, variable: false }] },
    discovery: { ...renderFields(endpoint), ...(mark !== undefined && { [markKey]: mark }) },
  });
}

/** What `renderInstance` gave without the mark, and the mark; of data in another form only that it is other. */
export function readCopy(value: string): { readonly content: string; readonly mark: string | undefined } {
  const instance = parseObject(value);
  const fields = asObject(instance['discovery']);
  const mark = fields && Object.hasOwn(fields, markKey) ? fields[markKey] : undefined;
  if (typeof mark !== 'string') return { content: value, mark: undefined };
  const { [markKey]: _mark, ...discovery } = fields as Json;
  return { content: JSON.stringify({ ...instance, discovery }), mark };
}

/**
 * The untrusted record of a node; undefined where a bridge has copied it there, where it is disabled or out of service, and
 * where nothing may be called. A `@class` in it is a text like any other.
 */
export function readRecord(stage: string, key: string, value: string): Record<string, unknown> | undefined {
  const [service = '', id = ''] = key.split('/');
  const instance = parseObject(value);
  const fields = asObject(instance['discovery']);
  if (readCopy(value).mark !== undefined) return undefined;
  if (fields) return readFields({ stage, service, id }, onlyTexts(fields));

  const payload = asObject(instance['payload']) ?? {};
  const details = asObject(payload['metadata']) ?? payload;
  const isOut = /^(?!UP$)./.test(showText(details['instance_status'] ?? 'UP'));
  if (instance['enabled'] === false || isOut) return undefined;
  const { address, port, sslPort } = instance;
  const host = typeof address === 'string' && address.includes(':') ? `[${address}]` : showText(address);
  const urls = [
    details['url'],
    buildUri(instance),
    sslPort == null ? undefined : `https://${host}:${showText(sslPort)}`,
    port == null ? undefined : `http://${host}:${showText(port)}`,
  ].map((url) => (typeof url === 'string' ? url : undefined));
  return readForeignInstance({ stage, service, id, urls, details });
}

/** As Curator's UriSpec builds it: variables that it doesn't know are empty. */
function buildUri(instance: Json): string | undefined {
  const parts = asObject(instance['uriSpec'])?.['parts'];
  if (!Array.isArray(parts)) return undefined;
  const { name, id, address, port, sslPort, registrationTimeUTC, serviceType } = instance;
  const variables = new Map<unknown, unknown>([
    ['[', '{'],
    [']', '}'],
    ['scheme', sslPort == null ? 'http' : 'https'],
    ['name', name],
    ['id', id],
    ['address', address],
    ['port', port],
    ['ssl-port', sslPort],
    ['registration-time-utc', registrationTimeUTC],
    ['service-type', showText(serviceType).toLowerCase()],
  ]);
  return parts
    .map((part) => {
      const { value, variable } = asObject(part) ?? {};
      return showText(variable === true ? variables.get(value) : value);
    })
    .join('');
}

function parseObject(text: string): Json {
  try {
    return asObject(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function onlyTexts(fields: Json): Record<string, string> {
  const texts = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}
