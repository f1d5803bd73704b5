import { findAwsApi, type AwsApi, type EndpointKind } from '@amplify-discovery/core';

/** What follows from a target. */
export interface TargetDescription {
  readonly kind: EndpointKind;
  readonly region?: string;
  /** What SigV4 signs for. */
  readonly signingService?: string;
}

const apis: Readonly<Record<AwsApi['service'], { readonly kind: EndpointKind; readonly signingService: string }>> = {
  'execute-api': { kind: 'rest', signingService: 'execute-api' },
  'lambda-url': { kind: 'http', signingService: 'lambda' },
  'lambda-web': { kind: 'http', signingService: 'lambda' },
  'appsync-api': { kind: 'graphql', signingService: 'appsync' },
  'appsync-realtime-api': { kind: 'graphql', signingService: 'appsync' },
};

/**
 * Kind, region and signing service of a target: from an ARN or one of AWS's own host names, as far as these say it. What
 * the kind is stated to be comes first, and decides the signing service of a custom domain.
 *
 * @example
 * ```ts
 * describeTarget('https://abc.lambda-url.eu-west-1.on.aws'); // { kind: 'http', region: 'eu-west-1', signingService: 'lambda' }
 * ```
 */
export function describeTarget(target: string, statedKind?: EndpointKind): TargetDescription {
  const { api, region, kind = statedKind ?? 'rest' } = readTarget(target, statedKind);
  const signingService = api?.signingService ?? findSigningService(kind);
  return { kind, ...(region && { region }), ...(signingService && { signingService }) };
}

function readTarget(target: string, statedKind: EndpointKind | undefined) {
  const [prefix = '', , service = '', arnRegion = '', , resource] = target.split(':');
  if (prefix === 'arn') {
    const isFunction = service === 'lambda' && resource === 'function';
    return { region: arnRegion, kind: statedKind ?? (isFunction ? 'function' : 'resource') } as const;
  }
  const { hostname, pathname } = URL.canParse(target) ? new URL(target) : { hostname: '', pathname: '' };
  const found = findAwsApi(hostname);
  const api = found && apis[found.service];
  const ofHost = api?.kind === 'graphql' && /^\/event(\/|$)/.test(pathname) ? 'events' : undefined;
  const ofScheme = /^wss?$/i.test(prefix) ? 'websocket' : undefined;
  return {
    api,
    // The name of a web function in several regions has none of its own.
    region: found?.region === 'global' ? undefined : found?.region,
    kind: statedKind ?? ofHost ?? ofScheme ?? api?.kind,
  };
}

/** What AWS's services behind a custom domain sign for. */
function findSigningService(kind: EndpointKind): string | undefined {
  switch (kind) {
    case 'rest':
    case 'http':
    case 'websocket':
      return 'execute-api';
    case 'graphql':
    case 'events':
      return 'appsync';
    case 'function':
      return 'lambda';
    case 'resource':
    default:
      return undefined;
  }
}
