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
  type AddBehaviorOptions,
  type BehaviorOptions,
  type IOrigin,
} from 'aws-cdk-lib/aws-cloudfront';
import { OriginGroup, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ReplicaBucket } from './allow-publishing.ts';
import { nameGlobally } from '../synthesis/name-globally.ts';
import { acknowledgeDefaults, type DistributionOptions } from '../synthesis/distribution-options.ts';

export interface SnapshotDistributionOptions {
  readonly bucket: IBucket | Bucket;
  /** Of the keys of the objects that it may read. */
  readonly pattern: string;
  /** Of the keys of catalog files, which it serves from its root. @default there are none */
  readonly catalogFolder?: string | undefined;
  readonly options: DistributionOptions;
  /** Read while the bucket's region is away. */
  readonly replica: ReplicaBucket | undefined;
  /** `RETAIN` keeps it serving when its stack is gone. */
  readonly removalPolicy: RemovalPolicy;
}

/** CloudFront in front of the objects that match the pattern, and of no others in the bucket. */
export function createSnapshotDistribution(
  scope: Construct,
  id: string,
  { bucket, pattern, catalogFolder, options, replica, removalPolicy }: SnapshotDistributionOptions,
): Distribution {
  const accessControl = new S3OriginAccessControl(scope, 'AccessControl', {
    originAccessControlName: nameGlobally(scope),
  });
  // Not `withOriginAccessControl`: it lets the distribution read the whole bucket, and the full snapshots are in there.
  const { originAccessControlId } = accessControl;
  const own = S3BucketOrigin.withBucketDefaults(bucket as IBucket, { originAccessControlId, originId: 'snapshots' });
  const origin = replica ? addReplica(scope, own, { replica, originAccessControlId }) : own;
  const behavior = {
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    // The objects say themselves how long they may be kept.
    cachePolicy: CachePolicy.CACHING_OPTIMIZED,
    responseHeadersPolicy: ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS_AND_SECURITY_HEADERS,
  };
  const distribution = new Distribution(scope, id, {
    comment: 'Public snapshots of the service registry',
    priceClass: PriceClass.PRICE_CLASS_ALL,
    httpVersion: HttpVersion.HTTP2_AND_3,
    ...options,
    defaultBehavior: { origin, ...behavior },
    ...(catalogFolder !== undefined && {
      additionalBehaviors: planCatalogBehaviors(
        scope,
        S3BucketOrigin.withBucketDefaults(bucket as IBucket, {
          originAccessControlId,
          originId: 'catalog',
          originPath: `/${catalogFolder}`,
        }),
        behavior,
      ),
    }),
  });
  const patterns = [pattern, ...(catalogFolder === undefined ? [] : [`${catalogFolder}/*`])];
  const { statementAdded } = bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: patterns.map((keys) => bucket.arnForObjects(keys)),
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
      `The bucket is imported: let cloudfront.amazonaws.com read ${patterns.join(' and ')} in its policy, for this distribution's ARN`,
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

/** https://www.rfc-editor.org/rfc/rfc9727#section-2: a HEAD request is answered with the catalog's own link. */
function planCatalogBehaviors(
  scope: Construct,
  origin: IOrigin,
  behavior: AddBehaviorOptions,
): Record<string, BehaviorOptions> {
  const responseHeadersPolicy = new ResponseHeadersPolicy(scope, 'CatalogHeaders', {
    responseHeadersPolicyName: nameGlobally(scope),
    comment: 'The API catalog, for everyone',
    corsBehavior: {
      accessControlAllowCredentials: false,
      accessControlAllowHeaders: ['*'],
      accessControlAllowMethods: ['GET', 'HEAD'],
      accessControlAllowOrigins: ['*'],
      originOverride: true,
    },
    securityHeadersBehavior: { contentTypeOptions: { override: true } },
    customHeadersBehavior: {
      customHeaders: [{ header: 'Link', value: '</.well-known/api-catalog>; rel="api-catalog"', override: true }],
    },
  });
  return {
    '/.well-known/api-catalog': { ...behavior, origin, responseHeadersPolicy },
    '/v0.1/servers': { ...behavior, origin },
  };
}

/** The replica's own policy lets CloudFront in: its stack may be deployed before the distribution has an id. */
function addReplica(
  scope: Construct,
  primaryOrigin: IOrigin,
  { replica, originAccessControlId }: { replica: ReplicaBucket; originAccessControlId: string },
): IOrigin {
  const bucket = Bucket.fromBucketAttributes(scope, 'Replica', {
    bucketName: replica.bucketName,
    region: replica.region,
  });
  const fallbackOrigin = S3BucketOrigin.withBucketDefaults(bucket, { originAccessControlId, originId: 'replica' });
  return new OriginGroup({ primaryOrigin, fallbackOrigin, fallbackStatusCodes: [500, 502, 503, 504] });
}
