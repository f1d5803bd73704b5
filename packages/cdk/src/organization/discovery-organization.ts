import { nameAccountScope } from '@amplify-discovery/registrar';
import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { AccountPrincipal, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ServiceRegistry } from '../service-registry/service-registry.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

export interface DiscoveryOrganizationProps {
  /** A registry with a `name`, in this account. */
  readonly registry: ServiceRegistry;
  /** The accounts whose stacks register, twelve digits each. */
  readonly accounts: readonly string[];
  /**
   * The organization in AWS Organizations, `o-…`. An account that leaves it is let in no longer.
   *
   * @default the accounts are let in wherever they belong
   */
  readonly organizationId?: string | undefined;
}

/**
 * Opens a registry to stacks of other accounts, by the policies of its registrar and its bucket: no role is assumed. Each account
 * gets an alias of the registrar, `account-{its number}`, that it alone may call, for its own stacks alone, and that is its scope:
 * the registry's rule of that name says what the account may change. The account also may read the full snapshots.
 *
 * Stacks of those accounts join with `ServiceRegistry.fromOrganization`.
 *
 * @example
 * ```ts
 * new DiscoveryOrganization(stack, 'Organization', { registry, accounts: ['111122223333', '444455556666'] });
 * ```
 */
export class DiscoveryOrganization extends Construct {
  /** The token of each account's stacks, by the account. */
  readonly serviceTokens: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, props: DiscoveryOrganizationProps) {
    super(scope, id);
    const { registry, accounts, organizationId } = props;
    const { registrarName } = registry;
    if (registry.name === undefined || registrarName === undefined)
      refuseConstruct(
        this,
        'registry: give it a name that a function can be named after, or a registrarName: other accounts make its token of it',
      );
    const malformed = accounts.find((account) => !Token.isUnresolved(account) && !/^\d{12}$/.test(account));
    if (malformed !== undefined) refuseConstruct(this, `accounts: "${malformed}" is not twelve digits`);
    if (
      organizationId !== undefined &&
      !Token.isUnresolved(organizationId) &&
      !/^o-[a-z0-9]{10,32}$/.test(organizationId)
    )
      refuseConstruct(
        this,
        `organizationId: "${organizationId}" is not the id of an organization, such as o-a1b2c3d4e5`,
      );
    const limit = (account: string): IPrincipal => {
      const principal = new AccountPrincipal(account);
      if (organizationId === undefined) return principal;
      return principal.withConditions({ StringEquals: { 'aws:PrincipalOrgID': organizationId } });
    };
    this.serviceTokens = new Map(
      [...new Set(accounts)].map((account) => {
        const alias = nameAccountScope(account);
        registry.grantRegister(limit(account), { scope: alias });
        registry.publisher?.grantRead(limit(account));
        return [account, makeToken(this, `${registrarName}:${alias}`)];
      }),
    );
  }
}

/** By the function's name, as other accounts make it. */
function makeToken(scope: Construct, resourceName: string): string {
  return Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
