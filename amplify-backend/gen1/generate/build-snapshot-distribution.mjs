import { attribute } from './intrinsics.mjs';

/** CloudFront's own policies: CachingOptimized, and CORS-and-SecurityHeadersPolicy. */
const cachePolicyId = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const responseHeadersPolicyId = 'e61eb60c-9c35-4d20-a928-2b84e02af89c';

/** CloudFront in front of the bucket. What it may read there is the bucket's policy. */
export function buildSnapshotDistribution() {
  return {
    AccessControl: {
      Type: 'AWS::CloudFront::OriginAccessControl',
      Properties: {
        OriginAccessControlConfig: {
          // Once per account: the last part of the stack's id is there only once.
          Name: {
            'Fn::Join': ['-', ['discovery', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }]],
          },
          OriginAccessControlOriginType: 's3',
          SigningBehavior: 'always',
          SigningProtocol: 'sigv4',
        },
      },
    },
    Distribution: {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          Comment: 'Public snapshots of the service registry',
          Enabled: true,
          HttpVersion: 'http2and3',
          IPV6Enabled: true,
          PriceClass: 'PriceClass_All',
          Origins: [
            {
              Id: 'Snapshots',
              DomainName: attribute('Bucket', 'RegionalDomainName'),
              OriginAccessControlId: attribute('AccessControl', 'Id'),
              S3OriginConfig: { OriginAccessIdentity: '' },
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: 'Snapshots',
            AllowedMethods: ['GET', 'HEAD'],
            // The objects say themselves how long they may be kept.
            CachePolicyId: cachePolicyId,
            Compress: true,
            ResponseHeadersPolicyId: responseHeadersPolicyId,
            ViewerProtocolPolicy: 'https-only',
          },
        },
      },
    },
  };
}
