import { findFieldFault, isName, parseTarget, type EndpointKind } from '@amplify-discovery/core';
import { fitId } from './fit-id.ts';

export interface ForeignInstance {
  readonly stage: string;
  readonly service: string;
  /** As it is there; its characters need not be those of an id here. */
  readonly id: string;
  /** Where it may be called, the best first. */
  readonly urls: readonly (string | undefined)[];
  /** What its deployment says beside: tags, labels, a metadata map. */
  readonly details: Readonly<Record<string, unknown>>;
}

const names = ['version', 'weight', 'priority'] as const;

/**
 * The record of an instance whose deployment doesn't know this registry: the first of its URLs that may be called, and `kind`,
 * `version`, `weight` and `priority` from its details where they are valid; other programs use these words in their own way.
 * Undefined where no URL may be called, http on another machine for example, or the service's name can't be one.
 */
export function readForeignInstance({
  stage,
  service,
  id,
  urls,
  details,
}: ForeignInstance): Record<string, unknown> | undefined {
  const own = (name: string) => (Object.hasOwn(details, name) ? details[name] : undefined);
  if (!isName(service)) return undefined;
  const given = own('kind');
  const kind = findFieldFault('kind', given) === undefined ? (given as EndpointKind) : 'rest';
  const target = urls.map((url) => parseTarget(url, kind)).find((url) => url !== undefined);
  if (target === undefined) return undefined;
  const record: Record<string, unknown> = { stage, service, id: fitId(id), target };
  if (kind !== 'rest') record['kind'] = kind;
  for (const name of names) {
    const value = readDetail(name, own(name));
    if (findFieldFault(name, value) === undefined) record[name] = value;
  }
  return record;
}

/** Numbers may be texts there, and versions begin with a v. */
function readDetail(name: (typeof names)[number], value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (name === 'version') return value.replace(/^v(?=\d)/, '');
  return /^\d+$/.test(value) ? Number(value) : value;
}
