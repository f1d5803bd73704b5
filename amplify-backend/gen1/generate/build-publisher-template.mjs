import { allow } from './create-role.mjs';
import { createFunction, functionOutputs, functionParameters } from './create-function.mjs';
import { attribute, equals, not, onlyIf, ref, sub } from './intrinsics.mjs';
import { publishParameter } from './publish-parameter.mjs';
import { describeRegistryParameters, fromRegistry, registryArn, registryName } from './registry-parameters.mjs';
import { buildSnapshotDistribution } from './build-snapshot-distribution.mjs';
import { buildSnapshotStore } from './build-snapshot-store.mjs';

const functionArn = attribute('LambdaFunction', 'Arn');
const publicUrl = 'https://${Distribution.DomainName}/{stage}.public.json';
const readsRegistry = {
  DISCOVERY_REGISTRY_URL: fromRegistry('RegistryUrl'),
  DISCOVERY_REGISTRY_REGION: ref('AWS::Region'),
  DISCOVERY_LIFETIME_SECONDS: String(7 * 24 * 60 * 60),
  DISCOVERY_PUBLIC_SERVICES: onlyIf('HasPublicServices', ref('publicServices')),
};
const writesSnapshots = {
  DISCOVERY_SNAPSHOT_BUCKET: ref('Bucket'),
  DISCOVERY_SNAPSHOT_KEY: attribute('Key', 'Arn'),
};

/**
 * `function/discoveryPublisher`: snapshots of the registry's stages, as `SnapshotPublisher` of CDK publishes them. A test
 * holds the two against each other. Amplify needs the function and its role either way; switched off there is nothing else.
 */
export function buildPublisherTemplate() {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The publisher: snapshots of the service registry in S3. Written by generate.mjs.',
    Parameters: {
      ...functionParameters,
      ...describeRegistryParameters('RegistryUrl', 'RegistryApiArn', 'RegistryName', 'TableArn', 'TableStreamArn'),
      publish: {
        Type: 'String',
        Default: 'no',
        AllowedValues: ['no', 'yes'],
        Description: 'Whether snapshots are published.',
      },
      publicServices: {
        Type: 'String',
        Default: '',
        AllowedPattern: '([A-Za-z0-9._-]{1,128}(,[A-Za-z0-9._-]{1,128})*)?',
        Description: 'Comma-separated: services that are public without metadata that says so.',
      },
    },
    Conditions: {
      Publishes: equals(ref('publish'), 'yes'),
      HasPublicServices: not(equals(ref('publicServices'), '')),
    },
    Resources: {
      ...createFunction({
        name: 'discoveryPublisher',
        description: 'Publishes snapshots of the service registry',
        memorySize: 256,
        timeoutSeconds: 60,
        environment: { ...readsRegistry, ...each(writesSnapshots, (value) => onlyIf('Publishes', value)) },
        statements: buildStatements().map((statement) => onlyIf('Publishes', statement)),
      }),
      ...each(
        { ...buildSnapshotStore(), ...buildSnapshotDistribution(), ...buildTriggers(), ...buildPublication() },
        whenPublishing,
      ),
    },
    Outputs: {
      ...functionOutputs,
      ...each(buildOutputs(), whenPublishing),
    },
  };
}

function buildOutputs() {
  return {
    BucketName: { Value: ref('Bucket') },
    SnapshotUrl: { Value: sub('https://${Bucket}.s3.${AWS::Region}.amazonaws.com/{stage}.json') },
    PublicSnapshotUrl: { Value: sub(publicUrl) },
    KeyId: { Value: attribute('Key', 'Arn') },
    TrustedKeys: { Value: attribute('Publication', 'TrustedKeys') },
  };
}

function buildStatements() {
  return [
    allow(
      ['appsync:GraphQL'],
      ['snapshot', 'stages'].map((field) => sub(`${registryArn}/types/Query/fields/${field}`)),
    ),
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      fromRegistry('TableStreamArn'),
    ),
    allow(['dynamodb:ListStreams'], sub('${customdiscoveryRegistryTableArn}/stream/*')),
    allow(['s3:GetObject', 's3:PutObject'], sub('${Bucket.Arn}/*.json')),
    // Without it S3 says "denied" of an object that isn't there yet.
    allow(['s3:ListBucket'], attribute('Bucket', 'Arn')),
    allow(['sqs:SendMessage'], attribute('Failures', 'Arn')),
    allow(['kms:Sign'], attribute('Key', 'Arn')),
    allow(['kms:GetPublicKey'], attribute('Key', 'Arn')),
  ];
}

/** The table's stream, and the schedule that renews what does not change. */
function buildTriggers() {
  return {
    Stream: {
      Type: 'AWS::Lambda::EventSourceMapping',
      // It is refused while the role's new permissions are on their way: once something was published, they are there.
      DependsOn: 'Publication',
      Properties: {
        FunctionName: ref('LambdaFunction'),
        EventSourceArn: fromRegistry('TableStreamArn'),
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 2,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRecordAgeInSeconds: 3600,
        MaximumRetryAttempts: 100,
        DestinationConfig: { OnFailure: { Destination: attribute('Failures', 'Arn') } },
      },
    },
    Check: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Description: 'Renews snapshots of the service registry',
        ScheduleExpression: 'rate(1 hour)',
        State: 'ENABLED',
        Targets: [
          {
            Id: 'Publisher',
            Arn: functionArn,
            RetryPolicy: { MaximumEventAgeInSeconds: 1800, MaximumRetryAttempts: 2 },
          },
        ],
      },
    },
    CheckPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: functionArn,
        Principal: 'events.amazonaws.com',
        SourceArn: attribute('Check', 'Arn'),
      },
    },
  };
}

/** The first snapshots of what is registered already, and where readers find them. */
function buildPublication() {
  return {
    Publication: {
      Type: 'Custom::SnapshotPublication',
      Properties: {
        ServiceToken: functionArn,
        ServiceTimeout: 300,
        Keys: [attribute('Key', 'Arn')],
        // Nothing but a reason to publish again when they change.
        Settings: { ...readsRegistry, ...writesSnapshots },
      },
    },
    PublishedSnapshotUrl: publishParameter(registryName, 'snapshot-url', sub(publicUrl)),
    PublishedSnapshotKeys: publishParameter(registryName, 'snapshot-keys', attribute('Publication', 'TrustedKeys')),
  };
}

function whenPublishing(entry) {
  return { ...entry, Condition: 'Publishes' };
}

function each(entries, change) {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, change(entry)]));
}
