import type { Endpoint } from '@amplify-discovery/core';
import { renderFields } from '../engine/copied-fields.ts';
import { markKey } from '../engine/mark-key.ts';
import { parseTxt, renderSrv, renderTxt } from './record-text.ts';
import { readStrings, renderStrings } from './txt-strings.ts';

/** What a TXT record at a service's name says, the mark apart. */
export interface ServiceCopy {
  readonly mark: string | undefined;
  /** `id`, `host`, `port`, `priority`, `weight`, `path`, `scheme`, and a record's other fields. */
  readonly fields: Readonly<Record<string, string>>;
  /** The SRV record that belongs to it, in a zone file's words; undefined where the fields don't say which. */
  readonly srv: string | undefined;
}

/**
 * The endpoint as fields of a TXT record, or why it has none. Its SRV record follows from `host`, `port`, `priority` and
 * `weight`, which are there twice: several endpoints share a name, and a reader has to know which TXT record goes with which
 * SRV record. `service` and `stage` are there where a DNS name, which has no case, would lose their spelling.
 */
export function renderCopy(
  endpoint: Endpoint,
): { readonly fields: Readonly<Record<string, string>> } | { readonly fault: string } {
  const { service, stage, id, target, priority, weight } = endpoint;
  if (target.startsWith('arn:')) return { fault: `the target ${target} has no host` };
  const { protocol, hostname, port, pathname } = new URL(target);
  if (/^\[|^[\d.]+$/.test(hostname)) return { fault: `an SRV record names a host, and ${hostname} is an address` };
  if (hostname.length > 253 || !/^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(hostname))
    return { fault: `${hostname} can't be the host of an SRV record` };
  const scheme = protocol.slice(0, -1);
  const { url: _url, priority: _priority, weight: _weight, metadata, ...more } = renderFields(endpoint);
  return {
    fields: {
      id,
      ...(service !== service.toLowerCase() && { service }),
      ...(stage !== stage.toLowerCase() && { stage }),
      host: hostname,
      port: port || String(defaultPort(scheme)),
      priority: String(priority),
      weight: String(weight),
      path: pathname,
      ...(scheme !== 'https' && { scheme }),
      ...more,
      ...(metadata !== undefined && { metadata: toAscii(metadata) }),
    },
  };
}

/** The TXT record's text of a copy. */
export function renderCopyText(fields: Readonly<Record<string, string>>, mark: string): string {
  return renderTxt(renderStrings({ ...fields, [markKey]: mark }));
}

/** What the TXT record says, in a zone file's words. */
export function readCopy(text: string): ServiceCopy {
  return readCopyStrings(parseTxt(text));
}

/** What the strings of a TXT record say. */
export function readCopyStrings(strings: readonly string[]): ServiceCopy {
  const { [markKey]: mark, ...fields } = readStrings(strings);
  return { mark, fields, srv: findSrv(fields) };
}

/** The SRV record that the fields of a copy stand for. */
export function findSrv(fields: Readonly<Record<string, string>>): string | undefined {
  const { priority, weight, port, host } = fields;
  const isWhole = [priority, weight, port].every((text) => /^\d{1,5}$/.test(text ?? '')) && host;
  return isWhole
    ? renderSrv({ priority: Number(priority), weight: Number(weight), port: Number(port), host })
    : undefined;
}

/** Whether the copy belongs to this stage: names in DNS have no case, so `Dev` and `dev` share them. */
export function isOfStage({ fields }: ServiceCopy, stage: string): boolean {
  return (fields['stage'] ?? stage.toLowerCase()) === stage;
}

export function defaultPort(scheme: string): number {
  return scheme.endsWith('s') ? 443 : 80;
}

/** JSON text that says the same in ASCII. */
function toAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
