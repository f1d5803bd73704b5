import { CfnOutput, Token, type RemovalPolicy } from 'aws-cdk-lib';
import { CfnDomainName, CfnDomainNameApiAssociation, type IGraphqlApi } from 'aws-cdk-lib/aws-appsync';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Construct } from 'constructs';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** A domain of your own for a registry. */
export interface RegistryDomain {
  /** `registry.example.com`. */
  readonly domainName: string;
  /**
   * The certificate of the domain, in us-east-1. AppSync is then given the domain name, and the output `DomainTarget` says what its
   * DNS record (CNAME) has to point to.
   *
   * @default none: AppSync has the domain name already, as after the loss of a registry.
   */
  readonly certificate?: ICertificate | undefined;
}

/**
 * The registry's URL at the domain, which stays the same when another API answers there.
 *
 * @throws DiscoveryError `InvalidOptions` for what can't be a domain name.
 */
export function createRegistryDomain(
  scope: Construct,
  id: string,
  { domain, api, removalPolicy }: { domain: RegistryDomain; api: IGraphqlApi; removalPolicy: RemovalPolicy },
): string {
  const { domainName, certificate } = domain;
  if (!Token.isUnresolved(domainName) && !/^([a-z\d-]+\.)+[a-z\d-]+$/.test(domainName))
    refuseConstruct(scope, `domain.domainName: "${domainName}" is not a domain name such as registry.example.com`);
  const own = new Construct(scope, id);
  const association = new CfnDomainNameApiAssociation(own, 'Association', { apiId: api.apiId, domainName });
  if (certificate) {
    const name = new CfnDomainName(own, 'Name', { domainName, certificateArn: certificate.certificateArn });
    name.applyRemovalPolicy(removalPolicy);
    association.node.addDependency(name);
    new CfnOutput(scope, 'DomainTarget', {
      value: name.attrAppSyncDomainName,
      description: `Where the DNS record of the registry's domain points to`,
    });
  }
  return `https://${domainName}/graphql`;
}
