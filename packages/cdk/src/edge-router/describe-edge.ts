import { isDiscoveryError } from '@amplify-discovery/core';
import { parseEdgeSettings } from '@amplify-discovery/publisher';
import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { replaceTokens } from '../synthesis/check-settings.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';
import type { EdgeRouterProps } from './edge-router-props.ts';

/** What the publisher reads of its edge, besides the store. */
export type EdgeDescription = Omit<EdgeRouterProps, 'publisher' | 'distribution'>;

/**
 * Judged by the publisher's own rules, as far as the values are known.
 *
 * @throws DiscoveryError `InvalidOptions` for what would fail only when it runs.
 */
export function describeEdge(scope: Construct, props: EdgeRouterProps): EdgeDescription {
  const { stage, byHost, affinity, services, trustedHosts } = props;
  const description = { stage, byHost, affinity, services, trustedHosts };
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(region) && /^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/.test(region))
    refuseConstruct(scope, `CloudFront has no key value stores in the partition of ${region}`);
  const store = 'arn:aws:cloudfront::123456789012:key-value-store/known-when-deployed';
  try {
    parseEdgeSettings(JSON.parse(replaceTokens(JSON.stringify({ store, ...description }))), '');
  } catch (error) {
    if (!isDiscoveryError(error)) throw error;
    refuseConstruct(scope, error.message.replace(/^: /, ''), error);
  }
  return description;
}
