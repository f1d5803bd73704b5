import type { EndpointKind } from '@amplify-discovery/core';

/** What a target says about itself. */
export interface TargetDescription {
  readonly kind: EndpointKind;
  readonly region?: string;
  readonly signingService?: string;
}

/** AWS's own API domains, which name the service and the region. */
const hosts: readonly { readonly pattern: RegExp; readonly kind: EndpointKind; readonly signingService: string }[] = [
  { pattern: /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/, kind: 'rest', signingService: 'execute-api' },
  { pattern: /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/, kind: 'http', signingService: 'lambda' },
  {
    pattern: /\.appsync-(?:realtime-)?api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/,
    kind: 'graphql',
    signingService: 'appsync',
  },
];

/** Kind, region and signing service as far as the target itself tells them. */
export function describeTarget(target: string): TargetDescription {
  const [prefix, , service = '', region = ''] = target.split(':');
  if (prefix === 'arn') {
    const isFunction = service === 'lambda';
    return {
      kind: isFunction ? 'function' : 'resource',
      ...(region !== '' && { region }),
      ...(isFunction && { signingService: 'lambda' }),
    };
  }
  const isSocket = /^wss?$/i.test(prefix ?? '');
  const { hostname = '', pathname = '' } = URL.canParse(target) ? new URL(target) : {};
  for (const { pattern, kind, signingService } of hosts) {
    const found = pattern.exec(hostname)?.[1];
    if (found === undefined) continue;
    const isEvents = kind === 'graphql' && /^\/event(\/|$)/.test(pathname);
    const named = isSocket ? 'websocket' : kind;
    return { kind: isEvents ? 'events' : named, region: found, signingService };
  }
  return { kind: isSocket ? 'websocket' : 'rest' };
}

/** What SigV4 signs for where the target's host doesn't tell, as with a custom domain. */
export function findSigningService(kind: EndpointKind): string | undefined {
  if (kind === 'resource') return undefined;
  if (kind === 'function') return 'lambda';
  return kind === 'graphql' || kind === 'events' ? 'appsync' : 'execute-api';
}
