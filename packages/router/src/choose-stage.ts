import type { Header } from './router-request.ts';

/** Which stage a request is for. A caller chooses only among stages that are listed here. */
export interface StageRule {
  /** When nothing else says it. @default such requests are refused */
  readonly default?: string | undefined;
  /** By the host that was asked for, without port: `{ 'staging.example.com': 'staging' }`. */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** By a header of the caller, and which stages it may name. Comes before the host. */
  readonly byHeader?: { readonly name: string; readonly allow: readonly string[] } | undefined;
  /** By the first segment of the path, `/{stage}/{service}/{path}`: which stages, or `any`. Nothing else counts then. */
  readonly inPath?: readonly string[] | 'any' | undefined;
}

/** The stage, or undefined when the rule allows none. */
export function chooseStage(
  rule: StageRule,
  request: { readonly headers: readonly Header[]; readonly host?: string | undefined },
  inPath: string | undefined,
): string | undefined {
  if (rule.inPath)
    return inPath !== undefined && (rule.inPath === 'any' || rule.inPath.includes(inPath)) ? inPath : undefined;
  const { byHeader, byHost = {} } = rule;
  const named = byHeader && request.headers.filter(([name]) => name.toLowerCase() === byHeader.name.toLowerCase());
  if (named?.length) {
    const [[, stage] = ['', '']] = named;
    return named.length === 1 && byHeader?.allow.includes(stage) ? stage : undefined;
  }
  const host = request.host?.toLowerCase().replace(/:\d*$/, '');
  return (host !== undefined && Object.hasOwn(byHost, host) ? byHost[host] : undefined) ?? rule.default;
}
