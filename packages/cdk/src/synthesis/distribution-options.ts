import type { Distribution, DistributionProps } from 'aws-cdk-lib/aws-cloudfront';
import { acknowledgeRule } from './acknowledge-rule.ts';

/** A domain of your own, a web ACL, logs: what CDK's `Distribution` takes, besides what is served. */
export type DistributionOptions = Omit<
  DistributionProps,
  'defaultBehavior' | 'additionalBehaviors' | 'defaultRootObject'
>;

/** Acknowledges what is missing unless the options give it. */
export function acknowledgeDefaults(distribution: Distribution): void {
  acknowledgeRule(distribution, 'CFR1', 'Where callers are is for who deploys it to decide, in the options.');
  acknowledgeRule(distribution, 'CFR2', 'A web ACL can be given in the options.');
  acknowledgeRule(distribution, 'CFR3', 'Access logs can be switched on in the options.');
  acknowledgeRule(
    distribution,
    'CFR4',
    "CloudFront's own certificate comes with its own TLS policy; a domain of your own has TLS 1.2.",
  );
}
