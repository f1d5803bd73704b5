import type { Endpoint } from '@amplify-discovery/core';

/** A record's fields, each as text. What is absent has no entry. */
type TextFields = Readonly<Record<string, string>>;

const names = ['kind', 'region', 'signingService', 'authMode', 'version', 'tenant'] as const;

/**
 * The endpoint's fields as flat texts, for systems with attributes, labels or metadata: everything but stage, service, id and
 * what is at its default. `url` is the target, `metadata` JSON text with sorted keys.
 */
export function renderFields(endpoint: Endpoint): TextFields {
  const { target, priority, weight, expiresAt, metadata = {}, public: isPublic } = endpoint;
  const entries = Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    url: target,
    ...Object.fromEntries(names.flatMap((name) => (endpoint[name] === undefined ? [] : [[name, endpoint[name]]]))),
    ...(priority !== 0 && { priority: String(priority) }),
    ...(weight !== 100 && { weight: String(weight) }),
    ...(isPublic && { public: 'true' }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(entries.length > 0 && { metadata: JSON.stringify(Object.fromEntries(entries)) }),
  };
}

/** The texts in an order of their own: equal for equal fields. */
export function renderContent(fields: TextFields): string {
  return JSON.stringify(Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * The record that such texts stand for, as untrusted as any source's. Undefined without a `url`: then it is not an endpoint
 * that could be called. Numbers that are not numbers stay text, which the record's parser refuses.
 */
export function readFields(
  place: { readonly stage: string; readonly service: string; readonly id: string },
  fields: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> | undefined {
  const own = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
  const url = own('url');
  if (url === undefined) return undefined;
  const record: Record<string, unknown> = { ...place, target: url };
  for (const name of [...names, 'expiresAt']) if (own(name) !== undefined) record[name] = own(name);
  for (const name of ['priority', 'weight']) {
    const text = own(name);
    if (text !== undefined) record[name] = /^\d+$/.test(text) ? Number(text) : text;
  }
  if (own('public') === 'true') record['public'] = true;
  const metadata = own('metadata');
  if (metadata !== undefined) record['metadata'] = parseMetadata(metadata);
  return record;
}

/** Its entries, or the text itself, which the record's parser refuses. */
function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
