import { DiscoveryError } from '@amplify-discovery/core';

/** Which services each alias of the function may register: names, or patterns in which `*` stands for any text. */
export type WriteScopes = Readonly<Record<string, readonly string[]>>;

/**
 * The scopes in the text, `{"team-users": ["user-*"]}`; none where there is no text.
 *
 * @throws DiscoveryError `InvalidOptions` when it is no such JSON: better no registration than one too many.
 */
export function parseWriteScopes(text: string | undefined): WriteScopes {
  if (text === undefined || text === '') return {};
  let scopes: unknown;
  try {
    scopes = JSON.parse(text);
  } catch {
    scopes = undefined;
  }
  const isPattern = (pattern: unknown) => typeof pattern === 'string' && /^[\w.*-]+$/.test(pattern);
  const isWellFormed =
    typeof scopes === 'object' &&
    scopes !== null &&
    !Array.isArray(scopes) &&
    Object.values(scopes).every((patterns) => Array.isArray(patterns) && patterns.every(isPattern));
  if (isWellFormed) return scopes as WriteScopes;
  throw new DiscoveryError('InvalidOptions', 'SCOPES must be JSON such as {"alias": ["service-name", "prefix-*"]}');
}

/** The alias (or version) that a function was called by, or undefined when it was called by its bare name. */
export function findAlias(invokedFunctionArn: string): string | undefined {
  const qualifier = invokedFunctionArn.split(':').at(7);
  return qualifier === '$LATEST' ? undefined : qualifier;
}

/** Tells whether the alias may write the service. A bare call may write all; an alias without a scope, nothing. */
export function mayWrite(scopes: WriteScopes, alias: string | undefined, service: string): boolean {
  if (alias === undefined) return true;
  const patterns = Object.hasOwn(scopes, alias) ? (scopes[alias] ?? []) : [];
  return patterns.some((pattern) => matches(pattern, service));
}

function matches(pattern: string, service: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replaceAll(/[.-]/g, String.raw`\$&`));
  return new RegExp(`^${escaped.join('.*')}$`).test(service);
}
