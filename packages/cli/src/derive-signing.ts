/** What SigV4 needs to know about a target. */
export interface Signing {
  readonly region?: string;
  readonly signingService?: string;
}

const hosts = [
  { signingService: 'execute-api', pattern: /^[\w-]+\.execute-api\.([a-z\d-]+)\.amazonaws\.com(\.cn)?$/ },
  { signingService: 'lambda', pattern: /^[\w-]+\.lambda-url\.([a-z\d-]+)\.on\.aws$/ },
  { signingService: 'appsync', pattern: /^[\w-]+\.appsync-api\.([a-z\d-]+)\.amazonaws\.com(\.cn)?$/ },
] as const;

/** Region and signing service of a target on one of AWS's own domains, and the region of an ARN; otherwise nothing. */
export function deriveSigning(target: string): Signing {
  const arnRegion = /^arn:[\w-]+:[\w-]+:([a-z\d-]+):/.exec(target)?.[1];
  if (arnRegion !== undefined) return { region: arnRegion };
  if (!URL.canParse(target)) return {};
  const { hostname } = new URL(target);
  for (const { signingService, pattern } of hosts) {
    const region = pattern.exec(hostname)?.[1];
    if (region !== undefined) return { region, signingService };
  }
  return {};
}
