import { Annotations, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { nameGlobally } from '../synthesis/name-globally.ts';
import { acknowledgeDefaults, type DistributionOptions } from '../synthesis/distribution-options.ts';

export interface SnapshotDistributionOptions {
  readonly bucket: IBucket | Bucket;
  /** Of the keys of the objects that it may read. */
  readonly pattern: string;
  readonly options: DistributionOptions;
  /** `RETAIN` keeps it serving when its stack is gone. */
  readonly removalPolicy: RemovalPolicy;
}

/** CloudFront in front of the objects that match the pattern, and of no others in the bucket. */
export function createSnapshotDistribution(
  scope: Construct,
  id: string,
  { bucket, pattern, options, removalPolicy }: SnapshotDistributionOptions,
): Distribution {
  const accessControl = new S3OriginAccessControl(scope, 'AccessControl', {
    originAccessControlName: nameGlobally(scope),
  });
  // Not `withOriginAccessControl`: it lets the distribution read the whole bucket, and the full snapshots are in there.
  const origin = S3BucketOrigin.withBucketDefaults(bucket as IBucket, {
    originAccessControlId: accessControl.originAccessControlId,
    originId: 'snapshots',
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
  // The bucket's policy lets it read.
  const policy = bucket instanceof Bucket ? bucket.policy : undefined;
  for (const { node } of [distribution, accessControl, ...(policy ? [policy] : [])]) {
    if (removalPolicy === RemovalPolicy.RETAIN && node.defaultChild instanceof CfnResource)
      node.defaultChild.applyRemovalPolicy(removalPolicy);
  }
  acknowledgeDefaults(distribution);
  return distribution;
}
