import { findHeaders, type HeaderList } from './header-list.ts';

/** Which stage a request is for. A caller chooses only among stages that are listed here. */
export interface StageRule {
  /** When nothing else names one. @default such requests are refused */
  readonly default?: string | undefined;
  /** By the host of the request, without port: `{ 'staging.example.com': 'staging' }`. */
  readonly byHost?: Readonly<Record<string, string>> | undefined;
  /** By a header of the caller, and which stages it may name. Comes before the host. */
  readonly byHeader?: { readonly name: string; readonly allow: readonly string[] } | undefined;
  /** By the first segment of the path, `/{stage}/{service}/{path}`: which stages, or `any`. Nothing else counts then. */
  readonly inPath?: readonly string[] | 'any' | undefined;
}

/** The stage, or undefined when the rule allows none. */
export function chooseStage(
  { inPath, byHeader, byHost = {}, default: fallback }: StageRule,
  request: { readonly headers: HeaderList; readonly host?: string | undefined },
  stageInPath: string | undefined,
): string | undefined {
  if (inPath) {
    const isAllowed = stageInPath !== undefined && (inPath === 'any' || inPath.includes(stageInPath));
    return isAllowed ? stageInPath : undefined;
  }
  if (byHeader) {
    const [named, ...others] = findHeaders(request.headers, byHeader.name);
    if (named !== undefined) return others.length === 0 && byHeader.allow.includes(named) ? named : undefined;
  }
  const host = request.host?.toLowerCase().replace(/:\d*$/, '');
  return (host !== undefined && Object.hasOwn(byHost, host) ? byHost[host] : undefined) ?? fallback;
}
