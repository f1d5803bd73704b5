import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleSettings } from '@amplify-discovery/console';
import { pageFolder } from '@amplify-discovery/console/page-folder.cjs';
import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeRule } from '../synthesis/acknowledge-rule.ts';
import { acknowledgeWildcard } from '../synthesis/acknowledge-wildcard.ts';
import { refuseConstruct } from '../synthesis/refuse-construct.ts';

/** A private bucket for what a deployment makes anew: it goes with the stack. */
export function createPageBucket(scope: Construct, id: string): Bucket {
  const bucket = new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledgeRule(bucket, 'S1', 'It holds the page, which is public code; access is logged at the distribution.');
  return bucket;
}

/**
 * Puts the page and its settings into the bucket, and takes them out when the stack goes. By CDK's own `BucketDeployment`, because
 * CloudFormation has no resource for an object: it fills in what only the deployment knows, and there is no second custom resource to
 * empty the bucket. It gets no distribution: nothing is cached, so it needs no permission to invalidate anything.
 *
 * @throws DiscoveryError `InvalidOptions` where the page was not built.
 */
export function deployPage(
  scope: Construct,
  id: string,
  options: { readonly bucket: Bucket; readonly settings: ConsoleSettings; readonly retention: RetentionDays },
): BucketDeployment {
  const { bucket, settings, retention } = options;
  const folder = getPageFolder(scope);
  const logGroup = new LogGroup(scope, `${id}Logs`, { retention, removalPolicy: RemovalPolicy.DESTROY });
  const deployment = new BucketDeployment(scope, id, {
    sources: [Source.asset(folder), Source.jsonData('settings.json', settings, { escape: true })],
    destinationBucket: bucket as IBucket,
    retainOnDelete: false,
    logGroup,
  });
  acknowledge(deployment, bucket);
  return deployment;
}

/** @throws DiscoveryError `InvalidOptions` */
export function getPageFolder(scope: Construct, folder: string = pageFolder): string {
  if (existsSync(join(folder, 'index.html'))) return folder;
  refuseConstruct(
    scope,
    `the page of @amplify-discovery/console is not in ${folder}: install the package again, or in its repository npm run build:page -w @amplify-discovery/console`,
  );
}

/** The function is CDK's, one in a stack. */
function acknowledge({ handlerRole }: BucketDeployment, bucket: Bucket): void {
  const reason = "CDK's function that copies assets into buckets: it reads CDK's own assets and writes this bucket.";
  const policy = handlerRole.node.tryFindChild('DefaultPolicy') ?? handlerRole;
  const handler = handlerRole.node.scope ?? handlerRole;
  acknowledgeRule(
    handlerRole,
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    reason,
  );
  acknowledgeRule(handler, 'L1', 'CDK chooses the runtime of its own function.');
  for (const actions of ['s3:GetObject*', 's3:GetBucket*', 's3:List*', 's3:DeleteObject*', 's3:Abort*'])
    acknowledgeRule(policy, `IAM5[Action::${actions}]`, reason);
  acknowledgeWildcard(policy, bucket.arnForObjects('*'), reason);
  acknowledgeRule(policy, `IAM5[Resource::${describeAssets(Stack.of(bucket))}]`, reason);
}

/** The objects of the bucket that CDK keeps a stack's assets in, as cdk-nag writes their ARN. */
function describeAssets({ account, region, synthesizer }: Stack): string {
  const write = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  const bucket = `cdk-${synthesizer.bootstrapQualifier ?? 'hnb659fds'}-assets-${write(account, 'AccountId')}-${write(region, 'Region')}`;
  return `arn:<AWS::Partition>:s3:::${bucket}/*`;
}
