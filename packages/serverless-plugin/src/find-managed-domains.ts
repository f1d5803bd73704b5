import type { ResourceDescription } from '@amplify-discovery/aws';

/** Where a service says that something outside its template maps custom domains to its APIs. */
export interface DomainSettings {
  /** `custom.customDomain` and `custom.customDomains` of serverless-domain-manager. */
  readonly custom?: Readonly<Record<string, unknown>> | undefined;
  /** `provider.domain` and `provider.domains` of Serverless v4. */
  readonly provider: Readonly<Record<string, unknown>>;
}

export type ApiType = 'rest' | 'http' | 'websocket';

/**
 * The custom domains that serverless-domain-manager or Serverless v4 maps to an API after its deployment, in the form of
 * the mappings that a template would have: the rule for addresses reads both alike.
 */
export function findManagedDomains(
  apiType: ApiType,
  apiId: string,
  { custom = {}, provider }: DomainSettings,
): Readonly<Record<string, ResourceDescription>> {
  const managed = [custom['customDomain'], ...asList(custom['customDomains'])].flatMap((entry) => readManaged(entry));
  const builtIn = [provider['domain'], ...asList(provider['domains'])].map(readBuiltIn);
  const mappings = [...managed, ...builtIn].filter(
    (domain): domain is Domain => domain !== undefined && domain.apiType === apiType,
  );
  return Object.fromEntries(
    mappings.map(({ name, basePath }): [string, ResourceDescription] => [
      ['customDomain', name, basePath].filter(Boolean).join(' '),
      {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        // Both map the one stage that the API has.
        Properties: { ApiId: { Ref: apiId }, DomainName: name, ApiMappingKey: basePath, Stage: 'deployed' },
      },
    ]),
  );
}

interface Domain {
  readonly name: string;
  readonly apiType: string;
  readonly basePath: unknown;
}

const apiTypes = ['rest', 'http', 'websocket'] as const;

/** An entry is one domain, or a domain for each type of API. */
function readManaged(entry: unknown): (Domain | undefined)[] {
  if (!isObject(entry)) return [];
  const byType = apiTypes.filter((type) => Object.hasOwn(entry, type) && isObject(entry[type]));
  if (byType.length === 0) return [readDomain(entry, entry['domainName'], entry['apiType'] ?? 'rest')];
  return byType.map((type) => {
    const domain = entry[type] as Values;
    return readDomain(domain, domain['domainName'], type);
  });
}

function readBuiltIn(entry: unknown): Domain | undefined {
  if (typeof entry === 'string') return readDomain({}, entry, 'http');
  return isObject(entry) ? readDomain(entry, entry['name'], entry['apiType'] ?? 'http') : undefined;
}

function readDomain({ enabled = true, basePath }: Values, name: unknown, apiType: unknown): Domain | undefined {
  const isOff = ['false', '0'].includes(String(enabled).trim().toLowerCase());
  if (isOff || typeof name !== 'string' || name === '') return undefined;
  return { name, apiType: String(apiType).toLowerCase(), basePath };
}

type Values = Readonly<Record<string, unknown>>;

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
