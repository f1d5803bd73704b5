import { Annotations, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
  type DistributionProps,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeRule } from './acknowledge-rule.ts';

/** A domain of your own, a web ACL, logs: what CDK's `Distribution` takes, besides what is served. */
export type SnapshotDistributionOptions = Omit<
  DistributionProps,
  'defaultBehavior' | 'additionalBehaviors' | 'defaultRootObject'
>;

/** CloudFront in front of the objects that match the pattern, and of no others in the bucket. */
export function createSnapshotDistribution(
  scope: Construct,
  id: string,
  { bucket, pattern, options }: { bucket: IBucket | Bucket; pattern: string; options: SnapshotDistributionOptions },
): Distribution {
  const accessControl = new S3OriginAccessControl(scope, `${id}AccessControl`);
  // Not `withOriginAccessControl`: it lets the distribution read the whole bucket, and the full snapshots are in there.
  const origin = S3BucketOrigin.withBucketDefaults(bucket as IBucket, {
    originAccessControlId: accessControl.originAccessControlId,
  });
  const distribution = new Distribution(scope, id, {
    comment: 'Public snapshots of the service registry',
    priceClass: PriceClass.PRICE_CLASS_ALL,
    httpVersion: HttpVersion.HTTP2_AND_3,
    ...options,
    defaultBehavior: {
      origin,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      // The objects say themselves how long they may be kept.
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS_AND_SECURITY_HEADERS,
    },
  });
  const { statementAdded } = bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects(pattern)],
      conditions: {
        StringEquals: {
          'AWS:SourceArn': Stack.of(scope).formatArn({
            service: 'cloudfront',
            region: '',
            resource: 'distribution',
            resourceName: distribution.distributionId,
          }),
        },
      },
    }),
  );
  if (!statementAdded) {
    Annotations.of(scope).addWarningV2(
      '@amplify-discovery/cdk:bucketPolicy',
      `The bucket is imported: let cloudfront.amazonaws.com read ${pattern} in its policy, for this distribution's ARN`,
    );
  }
  acknowledgeRule(distribution, 'CFR1', 'The registry decides what is public, not where its readers are.');
  acknowledgeRule(distribution, 'CFR2', 'Static objects; a web ACL can be given in the options.');
  acknowledgeRule(distribution, 'CFR3', 'Access logs can be switched on in the options.');
  acknowledgeRule(
    distribution,
    'CFR4',
    "CloudFront's own certificate comes with its own TLS policy; a domain of your own has TLS 1.2.",
  );
  return distribution;
}
