import { describe, expect, test } from '@jest/globals';
import { registryDefinition } from '@amplify-discovery/registry/definition';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeApp } from '../../test/make-app.ts';
import { makeBundles } from '../../test/make-bundles.ts';
import { ServiceRegistry, type AuditLogProps } from '../index.ts';

type Resource = {
  readonly Type: string;
  // eslint-disable-next-line typescript/no-explicit-any -- a template is JSON
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
};

makeBundles('registrar', 'publisher');

type Given = Omit<AuditLogProps, 'registry'>;

function deploy(given: boolean | Given | ((stack: Stack) => Given) = true, removalPolicy?: RemovalPolicy) {
  const app = makeApp();
  const stack = new Stack(app, 'Stack');
  const auditLog = typeof given === 'function' ? given(stack) : given;
  const registry = new ServiceRegistry(stack, 'Registry', { publish: false, auditLog, removalPolicy });
  const role = new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  registry.auditLog?.grantRead(role);
  const template = Template.fromStack(stack);
  const findOwn = (type: string) =>
    Object.entries(template.findResources(type))
      .filter(([name]) => name.startsWith('RegistryAuditLog'))
      .map(([name, resource]) => ({ name, ...(resource as Resource) }));
  const getOwn = (type: string) => findOwn(type)[0] as Resource & { name: string };
  return { app, stack, template, findOwn, getOwn };
}

const bare = deploy();
const statementsOf = ({ getOwn }: typeof bare, type: string) =>
  getOwn(type).Properties.PolicyDocument.Statement as {
    Effect: string;
    Action: string | string[];
    Condition?: object;
  }[];

describe('the log of changes', () => {
  test('comes with the registry, unless it is switched off', () => {
    expect(bare.findOwn('AWS::Lambda::Function')).toHaveLength(1);
    expect(deploy(false).findOwn('AWS::Lambda::Function')).toEqual([]);
  });

  test('is given every change but those of heads, and nothing that it could not write is lost in silence', () => {
    const { Properties } = bare.getOwn('AWS::Lambda::EventSourceMapping');
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      // Long before the stream forgets a change, after a day.
      MaximumRecordAgeInSeconds: 12 * 3600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [bare.getOwn('AWS::SQS::Queue').name, 'Arn'] } } },
    });
    expect(Properties.MaximumRetryAttempts).toBeUndefined();
    const { headKey } = registryDefinition.table.bookkeeping;
    expect(JSON.parse(Properties.FilterCriteria.Filters[0].Pattern)).toEqual({
      dynamodb: { Keys: { key: { S: [{ 'anything-but': [headKey] }] } } },
    });
  });

  test('may be written by a function that can neither read nor delete it', () => {
    const { Policies } = bare.getOwn('AWS::IAM::Role').Properties;
    const actions = Policies[0].PolicyDocument.Statement.map(({ Action }: { Action: unknown }) => Action);
    expect(actions).toEqual([
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      'dynamodb:ListStreams',
      's3:PutObject',
      'sqs:SendMessage',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
    ]);
    expect(bare.getOwn('AWS::Lambda::Function').Properties).toMatchObject({
      Handler: 'audit.handler',
      Environment: { Variables: { DISCOVERY_AUDIT_BUCKET: { Ref: bare.getOwn('AWS::S3::Bucket').name } } },
    });
  });

  test('is kept for 400 days and outlives its stack', () => {
    const { Properties, DeletionPolicy } = bare.getOwn('AWS::S3::Bucket');
    expect(DeletionPolicy).toBe('Retain');
    expect(bare.getOwn('AWS::S3::BucketPolicy').DeletionPolicy).toBe('Retain');
    expect(Properties.LifecycleConfiguration.Rules).toEqual([
      expect.objectContaining({ ExpirationInDays: 400, Status: 'Enabled' }),
    ]);
    expect(Properties.ObjectLockEnabled).toBeUndefined();
  });

  test('is only appended to: no object is written over or deleted', () => {
    const denied = statementsOf(bare, 'AWS::S3::BucketPolicy').filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Action: 's3:PutObject', Condition: { Null: { 's3:if-none-match': 'true' } } }),
        expect.objectContaining({ Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'] }),
      ]),
    );
  });

  test.each(['governance', 'compliance'] as const)('is locked for its whole time on demand: %s', (lock) => {
    const { Properties } = deploy({ lock, retention: Duration.days(90) }).getOwn('AWS::S3::Bucket');
    expect(Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: lock.toUpperCase(), Days: 90 } } },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90 }] },
    });
  });

  test('goes with a registry that goes', () => {
    const removed = deploy(true, RemovalPolicy.DESTROY);
    expect(removed.getOwn('AWS::S3::Bucket').DeletionPolicy).toBe('Delete');
    expect(JSON.stringify(statementsOf(removed, 'AWS::S3::BucketPolicy'))).not.toContain('s3:DeleteObjectVersion');
  });

  test('is written below a prefix of a bucket that is given', () => {
    const given = deploy((stack) => ({ bucket: Bucket.fromBucketName(stack, 'Shared', 'shared'), prefix: 'audit/' }));
    expect(given.findOwn('AWS::S3::Bucket')).toEqual([]);
    expect(given.getOwn('AWS::Lambda::Function').Properties.Environment.Variables).toEqual({
      DISCOVERY_AUDIT_BUCKET: 'shared',
      DISCOVERY_AUDIT_PREFIX: 'audit/',
    });
  });

  test('is read by whom it is granted to', () => {
    const { Properties } = Object.values(bare.template.findResources('AWS::IAM::Policy')).find(
      ({ Properties: found }) => JSON.stringify(found.Roles).includes('Reader'),
    ) as Resource;
    expect(Properties.PolicyDocument.Statement.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      's3:GetObject',
      's3:ListBucket',
    ]);
  });

  test.each([
    [{ prefix: 'audit' }, 'prefix: is not like "discovery/"'],
    [{ retention: Duration.hours(24).minus(Duration.hours(24)) }, 'retention: it must be a day or more'],
  ])('refuses %j', (given, message) => {
    expect(() => deploy(given)).toThrow(message);
  });

  test('refuses to say how long a bucket keeps things that is not its own', () => {
    const make = (stack: Stack): Given => ({
      bucket: Bucket.fromBucketName(stack, 'Shared', 'shared'),
      lock: 'governance',
    });
    expect(() => deploy(make)).toThrow(
      '[Stack/Registry/AuditLog] bucket: retention and lock are those of a new bucket',
    );
  });

  test('passes the rules of AWS Solutions', () => {
    const { app } = deploy({ lock: 'governance', prefix: 'audit/' });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});
