import { findHistoryBundle } from '@amplify-discovery/cdk/lambda-bundles.cjs';
import { readHistorySettings } from '@amplify-discovery/console';
import { Duration } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  FunctionUrlOriginAccessControl,
  OriginRequestPolicy,
  ViewerProtocolPolicy,
  type BehaviorOptions,
  type IResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { IServiceRegistry } from '../service-registry/registry-interface.ts';
import type { SnapshotPublisher } from '../snapshot-publisher/snapshot-publisher.ts';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';
import { checkSettings } from '../synthesis/check-settings.ts';
import { allow, createDiscoveryFunction } from '../synthesis/discovery-function.ts';
import { nameGlobally } from '../synthesis/name-globally.ts';

/**
 * The function that reads a stage's published states for whoever the registry lets read the stage, as the distribution serves it.
 * CloudFront alone may call it, and signs each request itself.
 */
export function createHistory(
  parent: Construct,
  id: string,
  options: {
    readonly registry: IServiceRegistry;
    readonly publisher: SnapshotPublisher;
    readonly responseHeadersPolicy: IResponseHeadersPolicy;
    readonly retention: RetentionDays;
  },
): BehaviorOptions {
  const { registry, publisher, responseHeadersPolicy, retention } = options;
  const { bucket, prefix } = publisher;
  const scope = new Construct(parent, id);
  const environment = {
    DISCOVERY_REGISTRY_URL: registry.url,
    DISCOVERY_SNAPSHOT_BUCKET: bucket.bucketName,
    ...(prefix && { DISCOVERY_SNAPSHOT_PREFIX: prefix }),
  };
  checkSettings(scope, {
    settings: environment,
    read: (env) => readHistorySettings({ AWS_REGION: 'eu-west-1', ...env }),
    options: {},
    standIns: { DISCOVERY_REGISTRY_URL: 'https://known-when-deployed.example/graphql' },
  });
  const objects = bucket.arnForObjects(`${prefix}*.json`);
  const { function: reader, role } = createDiscoveryFunction(scope, {
    logRetention: retention,
    description: 'Reads the published states of a stage for the console of the service registry',
    bundle: findHistoryBundle(),
    handler: 'history.handler',
    memorySize: 1024,
    timeout: Duration.seconds(30),
    environment,
    statements: [
      allow(['s3:GetObject', 's3:GetObjectVersion'], objects),
      allow(['s3:ListBucketVersions'], bucket.bucketArn),
    ],
    policyName: 'history',
  });
  acknowledgeWildcard(role, objects, 'Each stage has objects of its own, and stages come and go.');
  bucket.encryptionKey?.grantDecrypt(role);
  const url = reader.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
  return {
    origin: FunctionUrlOrigin.withOriginAccessControl(url, {
      originAccessControl: new FunctionUrlOriginAccessControl(scope, 'AccessControl', {
        originAccessControlName: nameGlobally(scope),
      }),
    }),
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    responseHeadersPolicy,
  };
}
