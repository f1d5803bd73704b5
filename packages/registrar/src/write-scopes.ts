import { parseJsonSettings } from '@amplify-discovery/aws/settings';
import { array, pipe, record, regex, string } from 'valibot';

/** Which services each alias of the function may register: names, or patterns in which `*` stands for any text. */
export type WriteScopes = Readonly<Record<string, readonly string[]>>;

const schema = record(
  string(),
  array(pipe(string(), regex(/^[\w.*-]+$/, 'must be the name of a service, or a pattern such as user-*'))),
);

/**
 * The scopes in the text, `{"team-users": ["user-*"]}`; none where there is no text.
 *
 * @throws DiscoveryError `InvalidOptions` for anything else: better no registration than one too many.
 */
export function parseWriteScopes(text: string | undefined): WriteScopes {
  return text === undefined || text === '' ? {} : parseJsonSettings(schema, text, 'SCOPES');
}

/** The alias (or version) that a function was called by, or undefined when it was called by its bare name. */
export function findAlias(invokedFunctionArn: string): string | undefined {
  const qualifier = invokedFunctionArn.split(':').at(7);
  return qualifier === '$LATEST' ? undefined : qualifier;
}

/** Whether the alias may write the service. A bare call may write all; an alias without a scope, nothing. */
export function mayWrite(scopes: WriteScopes, alias: string | undefined, service: string): boolean {
  if (alias === undefined) return true;
  const patterns = Object.hasOwn(scopes, alias) ? (scopes[alias] ?? []) : [];
  return patterns.some((pattern) => matches(pattern, service));
}

/** Each part as early as it can stand: no pattern, however many stars it has, takes longer than the name is. */
function matches(pattern: string, service: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return service === first;
  if (!service.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = service.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return service.length - last.length >= from && service.endsWith(last);
}
